import assert from "node:assert/strict";
import { all, only, valueOf } from "../support/deploy.js";
import { eachCase } from "./parts.js";

eachCase("identity", "any", ({ one, ran, resources, settings }) => {
  it("gives every service an account without a token", async () => {
    const accounts = all((await ran()).resources, "kubernetes:core/v1:ServiceAccount");
    assert.deepEqual(
      accounts.map(({ inputs }) => (inputs["metadata"] as { name: string }).name),
      Object.keys(settings.services),
    );
    for (const { inputs } of accounts) assert.equal(inputs["automountServiceAccountToken"], false);
  });

  it("says who the service is, where the cloud knows anybody", async () => {
    const { services } = (await ran()).result.outputs;
    const principal = await valueOf(services["api"]?.principal);
    assert.equal(principal !== "", one.cloud === "aws");
  });

  it("needs no access key", async () => {
    const keys = (await ran()).resources.filter(({ type }) => /accessKey|serviceAccountKey|iam\/user:/i.test(type));
    assert.deepEqual(keys, []);
  });

  if (one.cloud !== "aws") return;
  it("is taken by that one account's pods only", async () => {
    const { inputs } = only(await resources(), "aws:iam/role:Role");
    const { Statement } = JSON.parse(String(inputs["assumeRolePolicy"])) as { Statement: Record<string, unknown>[] };
    assert.equal(Statement.length, 1);
    assert.deepEqual(Statement[0]?.["Principal"], { Service: "pods.eks.amazonaws.com" });
    assert.deepEqual(Statement[0]?.["Condition"], {
      StringEquals: {
        "aws:RequestTag/eks-cluster-name": await valueOf((await ran()).result.outputs.cluster.id),
        "aws:RequestTag/kubernetes-namespace": await valueOf((await ran()).result.outputs.namespaces.services),
        "aws:RequestTag/kubernetes-service-account": "api",
      },
    });
  });

  it("may do what it must and names everything that it may do it to", async () => {
    const { inputs } = only(await resources(), "aws:iam/rolePolicy:RolePolicy");
    const { Statement } = JSON.parse(String(inputs["policy"])) as { Statement: Record<string, unknown>[] };
    assert.ok(Statement.length > 0);
    for (const { Effect, Action, Resource } of Statement) {
      assert.equal(Effect, "Allow");
      for (const action of [Action].flat()) assert.doesNotMatch(String(action), /\*/);
      for (const resource of [Resource].flat()) {
        // A wildcard stands for the objects of one bucket, or for the six characters that end an entry's ARN.
        assert.match(
          String(resource)
            .replace(/^(arn:aws:s3:::[^*]+)\/\*$/, "$1")
            .replace(/-\?{6}$/, ""),
          /^arn[^*?]+$/,
        );
      }
    }
  });
});
