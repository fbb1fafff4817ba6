import { createRequire } from "node:module";
import { planStack } from "../../plan/plan.js";

/**
 * Plans a stack in a process of its own and prints which files of Pulumi's packages that took. They are CommonJS, so
 * Node's own cache of such modules has every one that was loaded, by whichever road.
 */
const [cloud = ""] = process.argv.slice(2);
await planStack({
  stack: "test",
  stackOutputs: {},
  source: {
    name: "test",
    config: {
      "agent-platform:cloud": cloud,
      "agent-platform:region": "eu-west",
      "agent-platform:gcp": { project: "acme-agents" },
      "agent-platform:azure": { subscription: "00000000-0000-0000-0000-000000000000" },
    },
    encrypted: new Set(),
  },
});
const files = Object.keys(createRequire(import.meta.url).cache);
const inPackages = files.flatMap(
  (file) => /node_modules\/(@pulumi(?:verse)?\/.+)$/.exec(file.replaceAll("\\", "/"))?.[1] ?? [],
);
console.log(JSON.stringify(inPackages));
