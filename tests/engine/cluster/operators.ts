import type { Manifest } from "./api.js";
import { certificateRole, clusterIssuersRole, issuersRole } from "./cert-manager.js";
import { externalSecretRole, secretStoreRole } from "./external-secrets.js";
import { gatewayClassRole, gatewayRole } from "./gateways.js";
import { clusterTriggerAuthenticationsRole, scaledObjectRole, triggerAuthenticationsRole } from "./keda.js";
import { databaseRole } from "./postgres.js";
import {
  backendTrafficPolicyRole,
  clientTrafficPolicyRole,
  grpcRouteRole,
  httpRouteRole,
  securityPolicyRole,
} from "./routes.js";
import type { Role } from "./stage.js";

/**
 * Operators, by the kind that they answer for. A role's kind may come and go with its definition; an operator more is
 * a row more.
 */
export const operators: Readonly<Record<string, Role<Manifest>>> = {
  "backendtrafficpolicies.gateway.envoyproxy.io": backendTrafficPolicyRole,
  "certificates.cert-manager.io": certificateRole,
  "clienttrafficpolicies.gateway.envoyproxy.io": clientTrafficPolicyRole,
  "clusterissuers.cert-manager.io": clusterIssuersRole,
  "clusters.postgresql.cnpg.io": databaseRole,
  "clustersecretstores.external-secrets.io": secretStoreRole,
  "clustertriggerauthentications.keda.sh": clusterTriggerAuthenticationsRole,
  "externalsecrets.external-secrets.io": externalSecretRole,
  "gatewayclasses.gateway.networking.k8s.io": gatewayClassRole,
  "gateways.gateway.networking.k8s.io": gatewayRole,
  "grpcroutes.gateway.networking.k8s.io": grpcRouteRole,
  "httproutes.gateway.networking.k8s.io": httpRouteRole,
  "issuers.cert-manager.io": issuersRole,
  "scaledobjects.keda.sh": scaledObjectRole,
  "securitypolicies.gateway.envoyproxy.io": securityPolicyRole,
  "triggerauthentications.keda.sh": triggerAuthenticationsRole,
};
