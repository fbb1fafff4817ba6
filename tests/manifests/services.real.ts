import assert from "node:assert/strict";
import { servicesCases } from "../matrix/cases.js";
import { callsIn, running, sorted } from "./model.js";

/** What lets in whoever calls. */
const open = ["proxy:10080", "proxy:10443", "certificates:10250", "names:53/UDP"];
const outside = ["stranger:80", "models:443", "models:80", "neighbour:443", "metadata:443"];

/** By hand, from `uses` and `routes`: whom each may call. What is not here is refused. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  api: ["database:5432", "cache:6379", "search:8080", "models:443", "names:53/UDP"],
  search: ["database:5432", "names:53/UDP"],
  // It asks the API server, which no policy can name.
  mail: ["names:53/UDP", "models:443", "neighbour:443"],
  seed: ["database:5432", "names:53/UDP"],
  proxy: ["controller:18000", "api:3000", "names:53/UDP"],
  controller: [...open, ...outside],
  certificates: [...open.filter((to) => !to.startsWith("certificates")), ...outside],
  database: [...open, ...outside],
  cache: ["names:53/UDP"],
  bootstrap: ["database:5432", "names:53/UDP"],
  // Nothing is known of whoever is not the stack's: they may call what lets them in.
  stranger: [...open, ...outside.filter((to) => !to.startsWith("stranger"))],
  names: [...open, ...outside].filter((to) => !to.startsWith("names")),
  models: [...open, "stranger:80"],
  neighbour: [...open, "stranger:80"],
  metadata: [...open, "stranger:80"],
};

describe("who may call whom, by the policies of services", () => {
  it("is what they use, and nothing else", async () => {
    const [one] = servicesCases.filter(({ cloud }) => cloud === "local");
    assert.ok(one !== undefined);
    assert.deepEqual(await callsIn(one, running), sorted(allowed));
  });
});
