import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { cloudNames } from "../../../config/names.js";
import type { Cluster, Dns, Duty, IdentityArgs, SecretStore } from "../../../providers/contract.js";
import type { RegionalCloud } from "../../../providers/regions.js";
import { all, inventory, valueOf } from "../../support/deploy.js";
import * as onAws from "../../support/stubs/aws-data.js";
import * as onAzure from "../../support/stubs/azure-data.js";
import * as onGcp from "../../support/stubs/gcp-data.js";
import { type Entered, entered } from "../entered.js";
import { eachCase } from "../parts.js";
import { proves } from "../proofs.js";

eachCase("identity", "any", ({ one, ran, settings }) => {
  it("gives every service an account without a token", async () => {
    const { resources, result } = await ran();
    const namespace = await valueOf(result.outputs.namespaces.services);
    const accounts = all(resources, "kubernetes:core/v1:ServiceAccount").filter(
      ({ inputs }) => (inputs["metadata"] as { namespace: string }).namespace === namespace,
    );
    assert.deepEqual(
      accounts.map(({ inputs }) => (inputs["metadata"] as { name: string }).name),
      Object.keys(settings.services),
    );
    for (const { inputs } of accounts) assert.equal(inputs["automountServiceAccountToken"], false);
  });

  it("says who the service is, where the cloud knows anybody", async () => {
    const { services } = (await ran()).result.outputs;
    const principal = await valueOf(services["api"]?.principal);
    assert.equal(principal !== "", one.cloud !== "local");
  });

  it("needs no access key", async () => {
    const keys = (await ran()).resources.filter(({ type }) => /accessKey|serviceAccountKey|iam\/user:/i.test(type));
    assert.deepEqual(keys, []);
  });
});

proves("identity", "any");

const clusters: Readonly<Record<RegionalCloud, () => Cluster>> = {
  aws: onAws.dataCluster,
  gcp: onGcp.dataCluster,
  azure: onAzure.dataCluster,
};
/** Nothing of an identity without secrets is asked of it. */
const store = {} as SecretStore;
const zone: Dns = {
  domain: "agents.example.com",
  zone: pulumi.output("zone"),
  nameServers: pulumi.output<string[]>([]),
  solver: {},
  point: () => assert.fail("an identity writes no records itself"),
};

const identityWith =
  (cluster: Cluster, more: Pick<IdentityArgs, "zones" | "duties">) =>
  ({ cloud, parent }: Entered) =>
    void cloud.identity(
      "pods",
      { cluster, namespace: "apps", serviceAccount: "pods", buckets: {}, secrets: [], store, ...more },
      { parent },
    );

/** What an identity takes more for a zone, and for duties. */
const grants: Readonly<Record<RegionalCloud, readonly string[]>> = {
  aws: ["aws:iam/rolePolicy:RolePolicy pods"],
  gcp: ["gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember pods-writes-agents.example.com"],
  azure: [
    "azure-native:authorization:RoleAssignment pods-zone-agents.example.com",
    "random:index/randomUuid:RandomUuid pods-zone-agents.example.com",
  ],
};

for (const name of ["aws", "gcp", "azure"] as const)
  describe(`an identity on ${name}`, () => {
    const idsOf = async (more: Pick<IdentityArgs, "zones" | "duties">, preview = false) => {
      const made = await entered(name, (given) => identityWith(clusters[name](), more)(given), {}, preview);
      return inventory(made.resources).map((row) => row.join(" "));
    };

    it("may write in a zone that it is given, and in no other way than that", async () => {
      const without = await idsOf({});
      const given = await idsOf({ zones: [zone] });
      assert.deepEqual(
        given.filter((id) => !without.includes(id)),
        // The API that a grant on a zone is made by.
        [
          ...grants[name],
          ...(name === "gcp"
            ? ["gcp:projects/service:Service platform-dns", "time:index/sleep:Sleep platform-dns"]
            : []),
        ],
      );
      assert.deepEqual(await idsOf({ zones: [zone] }, true), given);
    });

    if (name !== "aws") return;
    it("does its duties by one policy", async () => {
      const without = await idsOf({});
      const given = await idsOf({ duties: ["scale nodes", "make load balancers"] });
      assert.deepEqual(
        given.filter((id) => !without.includes(id)),
        grants.aws,
      );
    });
  });

describe("a duty", () => {
  const duties: readonly Duty[] = ["scale nodes", "make load balancers"];
  for (const name of cloudNames.filter((one) => one !== "aws"))
    for (const duty of duties)
      it(`to ${duty} is refused on ${name}, where clusters say that they do it`, async () => {
        // It is refused before anything is asked of the cluster.
        const asked = entered(name, identityWith({} as Cluster, { duties: [duty] }));
        await assert.rejects(asked, {
          message: `${name}: a pod is to ${duty}, which no pod does there; expected none where \`cluster.provides\` says true`,
        });
      });
});
