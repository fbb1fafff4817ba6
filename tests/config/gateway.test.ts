import assert from "node:assert/strict";
import { awsStack, gcpStack, localStack, parsed } from "../support/settings.js";
import { refuses } from "./refuses.js";

const image = "ghcr.io/acme/api:1.4.2";
const domain = "agents.example.com";
const inDomain = { ...awsStack, domain };

describe("settings of the way in", () => {
  it("lead by a load balancer on a cloud and by a port of the nodes on local", () => {
    assert.equal(parsed(awsStack).settings.gateway.expose, "loadBalancer");
    assert.deepEqual(parsed(localStack).settings.gateway, {
      expose: "nodePort",
      internal: false,
      nodeAddress: "localhost",
      nodePorts: { http: 30080, https: 30443, nodes: "all" },
      replicas: { min: 1, max: 2 },
      cpu: 0.25,
      memory: 0.25,
      idleTimeout: 300,
      drain: 300,
      tls: { minVersion: "1.2" },
      acme: { server: "https://acme-v02.api.letsencrypt.org/directory" },
    });
  });

  it("take the same path on two hosts", () => {
    const routes = [{}, { host: `api.${domain}` }];
    assert.equal(parsed({ ...inDomain, services: { api: { image, routes } } }).settings.domain.mode, "managed");
  });

  refuses(
    "refuses two services on one host and path, said or not, with or without a slash at the end",
    {
      ...inDomain,
      services: { api: { image, routes: [{ path: "/v1" }] }, web: { image, routes: [{ host: domain, path: "/v1/" }] } },
    },
    [
      `services.web.routes[0]: ${domain} /v1 is a route of services.api already; expected each host and path once; remove it with: pulumi config rm --path 'services.web.routes[0]'`,
    ],
  );
  refuses(
    "refuses a path that another one comes down to",
    { ...awsStack, services: { api: { image, routes: [{ path: "/a/../b" }] } } },
    [
      `services.api.routes[0].path: "/a/../b" will not do; expected a path that begins with /, without //, /./, /../ or %2F; set it with: pulumi config set --path 'services.api.routes[0].path' /api`,
    ],
  );
  refuses(
    "refuses routes of what answers nobody, or does not run",
    { ...awsStack, services: { mail: { image, kind: "worker", routes: [{ path: "/m" }] }, old: { routes: [{}] } } },
    [
      "services.mail.routes: services.mail is a worker, which answers nobody; expected routes of a service of kind web; remove it with: pulumi config rm --path services.mail.routes",
      "services.old.routes: services.old has no image: the platform does not run it; expected routes of a service with an image; remove it with: pulumi config rm --path services.old.routes",
    ],
  );
  refuses(
    "refuses a host for which there can be no certificate",
    { ...inDomain, services: { api: { image, routes: [{ host: "api.example.org" }] } } },
    [
      `services.api.routes[0].host: api.example.org is outside of the domain ${domain}, for which alone there is a certificate; expected a host under ${domain}, or a certificate of your own in gateway.tls.secret; set it with: pulumi config set --path 'services.api.routes[0].host' api.${domain}`,
    ],
  );

  it("take any host with a certificate of one's own, and without a domain", () => {
    const services = { api: { image, routes: [{ host: "api.example.org" }] } };
    parsed({ ...inDomain, services, gateway: { tls: { secret: "team/certificate" } } });
    parsed({ ...awsStack, services });
  });

  refuses(
    "refuses a timeout over that of the load balancer, of the service's drain and of the gateway's",
    { ...awsStack, services: { api: { image, routes: [{ timeout: 400 }] } } },
    [
      "services.api.routes[0].timeout: 400 s is over gateway.idleTimeout, 300 s: long answers would be cut; expected at most gateway.idleTimeout, or websockets for what stays open; set it with: pulumi config set --path gateway.idleTimeout 400",
      "services.api.routes[0].timeout: 400 s is over services.api.drain, 75 s: a rollout would cut requests; expected at most services.api.drain, or websockets for what stays open; set it with: pulumi config set --path services.api.drain 400",
      "services.api.routes[0].timeout: 400 s is over gateway.drain, 300 s: a gateway's pod that goes would cut requests; expected at most gateway.drain, or websockets for what stays open; set it with: pulumi config set --path gateway.drain 400",
    ],
  );
  refuses(
    "refuses a gateway that goes before requests of a service's own timeout are done",
    {
      ...awsStack,
      gateway: { drain: 0 },
      services: { api: { image, routes: [{}, { path: "/ws", websockets: true }] } },
    },
    [
      "services.api.routes[0]: 60 s is over gateway.drain, 0 s: a gateway's pod that goes would cut requests; expected at most gateway.drain, or websockets for what stays open; set it with: pulumi config set --path gateway.drain 60",
    ],
  );
  refuses(
    "refuses cookies from any page",
    { ...awsStack, services: { api: { image, routes: [{ cors: { origins: ["*"], credentials: true } }] } } },
    [
      "services.api.routes[0].cors.credentials: true, and origins * lets any page call with the caller's cookies; expected origins by name, or no credentials; set it with: pulumi config set --path 'services.api.routes[0].cors.credentials' false",
    ],
  );
  refuses("refuses fewest pods above the most", { ...awsStack, gateway: { replicas: { min: 5 } } }, [
    "gateway.replicas.min: 5 is above max 2; expected min at most max; set it with: pulumi config set --path gateway.replicas.max 5",
  ]);
  refuses("refuses a source that is no range", { ...gcpStack, gateway: { sources: ["203.0.113.7/24"] } }, [
    "gateway.sources[0]: 203.0.113.7/24 does not begin at a /24 boundary: 203.0.113.0/24 does; expected an IPv4 range like 203.0.113.0/24; set it with: pulumi config set --path 'gateway.sources[0]' 203.0.113.0/24",
  ]);
  refuses(
    "refuses what a port of a node can't do",
    {
      ...inDomain,
      gateway: { expose: "nodePort", internal: true, sources: ["203.0.113.0/24"], nodePorts: { http: 30443 } },
    },
    [
      `gateway.expose: nodePort, and records of ${domain} lead to the address of a load balancer; expected loadBalancer, or no domain; set it with: pulumi config set --path gateway.expose loadBalancer`,
      "gateway.sources: on the way from node to node it is lost who calls; expected sources of a load balancer, or rules of the nodes' own firewall; remove it with: pulumi config rm --path gateway.sources",
      "gateway.internal: true, and a port of a node is reached by whoever reaches the node; expected an internal load balancer, or nodes without public addresses; remove it with: pulumi config rm --path gateway.internal",
      "gateway.nodeAddress: localhost is no node on aws; expected where a node is reached, or a load balancer; set it with: pulumi config set --path gateway.expose loadBalancer",
      "gateway.nodePorts.https: 30443 is nodePorts.http too; expected two ports; set it with: pulumi config set --path gateway.nodePorts.https 30444",
    ],
  );
});
