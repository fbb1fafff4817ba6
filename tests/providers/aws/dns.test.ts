import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
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
const RECORD = "aws:route53/record:Record";
const NAME = "agents-development";
const BALANCER = "k8s-agents-1a2b3c.elb.eu-west-1.amazonaws.com";

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

const pointed = (domain: Tree = managed, stubs: Stubs = {}) =>
  deployAwsPart(
    COMPONENT,
    { ...awsStack, ...domain },
    ({ stack, opts }) => {
      const settings = stack.domain as InMode<DomainSettings, "managed" | "existing">;
      const dns = new AwsDns(NAME, { stack, settings }, opts);
      return dns.point("agents-api", "api.agents.example.com", pulumi.output(BALANCER), { parent: dns });
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

  it("leads a host to a network load balancer of the region", async () => {
    const { resources, calls } = await pointed(existing);
    assert.deepEqual(inventory(resources), [
      [COMPONENT, NAME],
      [RECORD, "agents-api"],
    ]);
    assert.deepEqual(only(resources, RECORD).inputs, {
      zoneId: "Z0123456789",
      name: "api.agents.example.com",
      type: "A",
      aliases: [{ name: BALANCER, zoneId: "Z of eu-west-1", evaluateTargetHealth: true }],
    });
    assert.deepEqual(
      calls.filter(({ token }) => token.startsWith("aws:lb/")),
      [
        {
          token: "aws:lb/getHostedZoneId:getHostedZoneId",
          inputs: { loadBalancerType: "network", region: "eu-west-1" },
        },
      ],
    );
  });

  it("answers a certificate authority in this zone, by the pods' own role", async () => {
    const { result } = await dnsOf(existing);
    assert.deepEqual(await valueOf(pulumi.output(result.solver)), {
      route53: { region: "eu-west-1", hostedZoneID: "Z0123456789" },
    });
  });

  it("shows a record in a preview", async () => {
    const { resources } = await pointed(managed, { preview: true });
    assert.deepEqual(inventory(resources), sorted([...made, [RECORD, "agents-api"]]));
  });

  it("shows every resource in a preview", async () => {
    assert.deepEqual(inventory((await dnsOf(managed, awsStack, { preview: true })).resources), sorted(made));
  });
});
