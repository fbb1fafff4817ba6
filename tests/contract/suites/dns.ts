import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { Tree } from "../../../config/walk.js";
import type { Dns } from "../../../providers/contract.js";
import type { RegionalCloud } from "../../../providers/regions.js";
import { inventory, valueOf } from "../../support/deploy.js";
import { terms } from "../cases.js";
import { type Entered, entered } from "../entered.js";
import { below, waitsFor } from "../graph.js";
import { components, eachCase } from "../parts.js";
import { proves } from "../proofs.js";

eachCase("domain", "any", ({ ran, settings }) => {
  it("says its name, its zone and what to delegate to", async () => {
    const { domain, nameServers } = (await ran()).result.outputs;
    const { mode } = settings.domain;
    assert.equal(domain.name, settings.domain.mode === "none" ? "" : settings.domain.name);
    assert.equal((await valueOf(domain.zone)) !== "", mode !== "none");
    assert.equal((await valueOf(nameServers)).length > 0, mode === "managed");
  });
});

proves("domain", ["managed"]);

const DOMAIN = "agents.example.com";
const HOST = `api.${DOMAIN}`;
const ADDRESS = "203.0.113.7";

function dnsOf({ cloud, settings: { domain }, parent }: Entered): Dns {
  assert.ok(domain.mode !== "none");
  return cloud.dns("platform", { settings: domain }, { parent });
}

/** What cert-manager 1.21 knows of a zone, but for credentials: its ClusterIssuer's fields. */
const fields: Readonly<Record<RegionalCloud, readonly [section: string, ...fields: string[]]>> = {
  aws: ["route53", "hostedZoneID", "region"],
  gcp: ["cloudDNS", "hostedZoneName", "project"],
  azure: ["azureDNS", "environment", "hostedZoneName", "resourceGroupName", "subscriptionID"],
};

const isOfACloud = (type: string): boolean => !type.startsWith("pulumi:");

for (const name of ["aws", "gcp", "azure"] as const) {
  const zones: Readonly<Record<string, Tree>> = {
    "a zone of the stack's": { domain: DOMAIN },
    "a zone that exists": { domain: { mode: "existing", name: DOMAIN, zone: terms[name].zone } },
  };
  for (const [which, said] of Object.entries(zones))
    describe(`${which} on ${name}`, () => {
      it("leads a host to a load balancer by one record, known or not", async () => {
        const point = (given: Entered) => {
          const dns = dnsOf(given);
          dns.point("record", HOST, pulumi.output(ADDRESS), { parent: given.parent });
        };
        const without = inventory((await entered(name, (given) => void dnsOf(given), said)).resources);
        const made = await entered(name, point, said);
        const added = made.resources.filter(
          (one) => !without.some(([type, id]) => type === one.type && id === one.name),
        );
        assert.deepEqual(
          added.map((one) => one.name),
          ["record"],
        );
        const text = JSON.stringify(added.map(({ inputs }) => inputs));
        for (const told of [ADDRESS, "api"]) assert.ok(text.includes(told), text);
        const { resources } = await entered(name, point, said, true);
        assert.deepEqual(inventory(resources), inventory(made.resources));
        const [record] = resources.filter((one) => one.name === "record");
        assert.ok(record !== undefined);
        for (const zone of below(resources, ...components.domain).filter(
          ({ custom, type }) => custom && isOfACloud(type),
        ))
          assert.ok(waitsFor(resources, record, zone), `it does not wait for ${zone.type}`);
      });

      it("is written to by whoever shows that the domain is the stack's, without credentials", async () => {
        const { result } = await entered(name, (given) => dnsOf(given).solver, said);
        const [section, ...known] = fields[name];
        assert.deepEqual(Object.keys(result), [section]);
        const solver: unknown = await valueOf<unknown>(pulumi.output(result[section]));
        const told = Object.entries(solver as Tree);
        assert.deepEqual(told.map(([field]) => field).sort(), known);
        // A credential would be a reference to a Secret.
        for (const [field, value] of told) assert.notEqual(typeof value, "object", field);
      });
    });
}
