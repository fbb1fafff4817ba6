import assert from "node:assert/strict";
import type { DomainSettings, InMode } from "../../../config/schema.js";
import type { Tree } from "../../../config/walk.js";
import { AwsDns } from "../../../providers/aws/dns.js";
import { inventory, only, otherStack, type Stubs, valueOf } from "../../support/deploy.js";
import { type Rows, sorted } from "../../support/rows.js";
import { awsProduction, awsStack } from "../../support/settings.js";
import { deployAwsPart } from "../../support/stubs/aws-data.js";
import { tagsOf } from "../../support/tags.js";

const COMPONENT = "agent-platform:aws:Dns";
const ZONE = "aws:route53/zone:Zone";
const NAME = "agents-development";

const managed = { domain: "agents.example.com" };
const existing = { domain: { mode: "existing", name: "agents.example.com", zone: "Z0123456789" } };

const dnsOf = (domain: Tree = managed, said: Tree = awsStack, stubs: Stubs = {}) =>
  deployAwsPart(
    COMPONENT,
    { ...said, ...domain },
    ({ stack, opts }) => {
      const settings = stack.domain as InMode<DomainSettings, "managed" | "existing">;
      return new AwsDns(NAME, { stack, settings }, opts);
    },
    stubs,
  );

const outputsOf = async (dns: AwsDns) => ({
  domain: dns.domain,
  zone: await valueOf(dns.zone),
  nameServers: await valueOf(dns.nameServers),
});

const made: Rows = [
  [COMPONENT, NAME],
  [ZONE, NAME],
];

describe("providers/aws/dns", () => {
  it("makes a zone", async () => {
    const { resources, result } = await dnsOf();
    assert.deepEqual(inventory(resources), sorted(made));
    assert.deepEqual(only(resources, ZONE).inputs, {
      name: "agents.example.com",
      comment: "Zone of agents-development",
      forceDestroy: true,
      tags: tagsOf(NAME),
    });
    assert.deepEqual(await outputsOf(result), {
      domain: "agents.example.com",
      zone: `Z-${NAME}`,
      nameServers: ["ns-1.example.org", "ns-2.example.org"],
    });
  });

  it("keeps a production zone, whose delegation could not follow it", async () => {
    const { inputs, protect } = only((await dnsOf(managed, awsProduction)).resources, ZONE);
    assert.deepEqual([protect, inputs["forceDestroy"]], [true, false]);
  });

  it("only reads a zone that exists", async () => {
    const { resources, result, calls } = await dnsOf(existing);
    assert.deepEqual(inventory(resources), [[COMPONENT, NAME]]);
    assert.deepEqual(calls, [{ token: "aws:route53/getZone:getZone", inputs: { zoneId: "Z0123456789" } }]);
    assert.deepEqual(await outputsOf(result), {
      domain: "agents.example.com",
      zone: "Z0123456789",
      nameServers: [],
    });
  });

  it("takes the zone of another stack", async () => {
    const domain = { domain: { mode: "existing", name: "eu.example.com", fromStack: "acme/agent-platform/prod" } };
    const { result } = await dnsOf(domain, awsStack, otherStack({ domain: { zone: "Z-prod" } }));
    assert.equal(await valueOf(result.zone), "Z-prod");
    await assert.rejects(
      dnsOf(domain, awsStack, otherStack({})),
      /stack acme\/agent-platform\/prod has no output domain\.zone: run 'pulumi up' there first/,
    );
  });

  it("shows every resource in a preview", async () => {
    assert.deepEqual(inventory((await dnsOf(managed, awsStack, { preview: true })).resources), sorted(made));
  });
});
