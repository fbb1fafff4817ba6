import { Api } from "../../cluster/api.js";
import { namespacesIn } from "../../support/objects.js";
import { type Case, existing } from "./case.js";

export const local: Case = {
  stack: "dev",
  secretNames: ["OPENAI_API_KEY"],
  growth: {
    settings: { size: "medium" },
    changes: [
      "update kubernetes:apps/v1:StatefulSet",
      "update kubernetes:core/v1:ConfigMap",
      "update kubernetes:core/v1:PersistentVolumeClaim",
      "update kubernetes:postgresql.cnpg.io/v1:Cluster",
    ],
  },
  service: [
    "agent-platform:workload:ServiceAccess",
    "kubernetes:core/v1:Secret",
    "kubernetes:core/v1:ServiceAccount",
    "random:index/randomPassword:RandomPassword",
  ],
  rotation: ["update kubernetes:core/v1:Secret"],
  deleteByHand: async ({ ground }) => {
    const api = new Api(ground.cluster);
    await api.remove("/apis/apps/v1/namespaces/agents-development-data/statefulsets/agents-development-kv-main");
    api.close();
  },
  broughtBack: ["create kubernetes:apps/v1:StatefulSet"],
  left: ({ ground }) => namespacesIn(ground.cluster),
  remains: async () => [],
  meantToStay: [],
  theirs: {
    stack: "dev",
    settings: {
      ...existing("database", { host: "db.example.com", ownerSecret: "db-owner" }),
      ...existing("cache", { host: "cache.example.com", authSecret: "cache" }),
      ...existing("bucket", { endpoint: "https://s3.example.com", id: "theirs", credentialsSecret: "s3" }),
      ...existing("secretStore", { id: "team" }),
      ...existing("registry", { url: "registry.example.com/team" }),
    },
    objects: {
      "/api/v1/namespaces/team/secrets": ["db-owner", "cache", "s3"].map((name) => ({
        metadata: { name },
        stringData: { username: "theirs", password: "theirs" },
      })),
    },
    makes: [
      "create kubernetes:core/v1:Namespace agents-development",
      "create kubernetes:core/v1:Secret agents-development-api-db-main",
      "create kubernetes:core/v1:Secret agents-development-openai-api-key",
      "create kubernetes:core/v1:ServiceAccount agents-development-api",
      "create random:index/randomPassword:RandomPassword agents-development-api-db-main",
    ],
    stays: [],
  },
};
