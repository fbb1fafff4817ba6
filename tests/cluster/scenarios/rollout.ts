import assert from "node:assert/strict";
import type { Deployment } from "kubernetes-types/apps/v1.js";
import type { Job } from "kubernetes-types/batch/v1.js";
import type { Pod } from "kubernetes-types/core/v1.js";
import type { Manifest } from "../../engine/cluster/api.js";
import { wholeCall, wholeStream } from "../support/calls.js";
import { load } from "../support/load.js";
import type { AgentVersion } from "../support/place.js";
import { namespaces } from "../support/stack.js";
import { visit } from "../support/visit.js";

const CALLS = 3000;
const STREAMS = 60;
const deployment = `/apis/apps/v1/namespaces/${namespaces.services}/deployments/api`;
const jobs = `/apis/batch/v1/namespaces/${namespaces.services}/jobs`;

describe("another version, while the service is called", () => {
  const at = visit();

  /** All that was asked meanwhile was answered well. */
  const unnoticed = async (work: () => Promise<void>, atLeast: { calls: number; streams: number }): Promise<void> => {
    const lanes = [
      load(wholeCall(at.caller, at.key), { atATime: 4, atLeast: atLeast.calls }),
      load(wholeStream(at.caller, at.key), { atATime: 4, atLeast: atLeast.streams }),
    ];
    const [worked] = await Promise.allSettled([work()]);
    const came = await Promise.all(lanes.map((lane) => lane.stop()));
    if (worked?.status === "rejected") throw worked.reason;
    const failures = came.flatMap((one) => one.failures);
    const of = came.map(({ count }) => count).join(" and ");
    assert.equal(failures.length, 0, `${failures.length} of ${of} failed:\n${failures.slice(0, 5).join("\n")}`);
  };
  const upTo = async (version: AgentVersion) => {
    await at.stack.engine.configure({ "services.api.image": at.stack.place.agents[version] });
    return at.stack.engine.up();
  };
  const cameTo = async (version: AgentVersion): Promise<void> => {
    const ran = await upTo(version);
    assert.equal(ran.code, 0, ran.output);
    assert.equal(await served(), at.stack.place.agents[version]);
  };
  const served = async (): Promise<string | undefined> => {
    const found = await at.stack.api.get<Deployment & Manifest>(deployment);
    return found?.spec?.template.spec?.containers[0]?.image;
  };

  it("loses no call and no stream", async function () {
    this.timeout(20 * 60_000);
    await unnoticed(() => cameTo("second"), { calls: CALLS, streams: STREAMS });
  });

  it("starts when its migration is done, and not before", async () => {
    await unnoticed(() => cameTo("third"), { calls: 0, streams: 0 });
    const done = (await at.stack.list<Job & Manifest>(jobs)).map(({ status }) =>
      Date.parse(status?.completionTime ?? ""),
    );
    const pods = await at.stack.list<Pod & Manifest>(`/api/v1/namespaces/${namespaces.services}/pods`);
    const serving = pods.filter(
      ({ metadata, spec }) =>
        metadata?.ownerReferences?.[0]?.kind === "ReplicaSet" &&
        spec?.containers[0]?.image === at.stack.place.agents.third,
    );
    assert.ok(serving.length >= 2);
    for (const { metadata } of serving)
      assert.ok(Date.parse(metadata?.creationTimestamp ?? "") >= Math.max(...done), metadata?.name);
  });

  it("leaves the old one serving where its migration fails, and says why", async () => {
    await unnoticed(
      async () => {
        const ran = await upTo("failing");
        assert.notEqual(ran.code, 0);
        assert.match(ran.output, /api-migrate-/);
      },
      { calls: 0, streams: 0 },
    );
    assert.equal(await served(), at.stack.place.agents.third);
  });

  it("can be taken back to the one before, on the schema that is there", async function () {
    this.timeout(20 * 60_000);
    await unnoticed(() => cameTo("second"), { calls: 0, streams: 0 });
  });
});
