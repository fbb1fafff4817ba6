import assert from "node:assert/strict";
import type { Deployment } from "kubernetes-types/apps/v1.js";
import type { Job } from "kubernetes-types/batch/v1.js";
import type { Pod } from "kubernetes-types/core/v1.js";
import type { Manifest } from "../../engine/cluster/api.js";
import { wholeCall, wholeStream } from "../support/calls.js";
import { load } from "../support/load.js";
import type { AgentVersion } from "../support/place.js";
import { podPath } from "../support/pods.js";
import { namespaces } from "../support/stack.js";
import { UP_MS, visit } from "../support/visit.js";

/** Who calls meanwhile: in how many lanes each, and how often at least. */
interface Callers {
  readonly atATime: number;
  readonly calls: number;
  readonly streams: number;
}
const crowd: Callers = { atATime: 4, calls: 3000, streams: 60 };
const few: Callers = { atATime: 1, calls: 0, streams: 0 };
const deployment = `/apis/apps/v1/namespaces/${namespaces.services}/deployments/api`;
const pods = `/api/v1/namespaces/${namespaces.services}/pods`;
const jobs = `/apis/batch/v1/namespaces/${namespaces.services}/jobs`;

describe("another version, while the service is called", () => {
  const at = visit();

  /** All that was asked meanwhile was answered well. */
  const unnoticed = async ({ atATime, calls, streams }: Callers, work: () => Promise<void>): Promise<void> => {
    const lanes = [
      load(wholeCall(at.caller, at.key), { atATime, atLeast: calls }),
      load(wholeStream(at.caller, at.key), { atATime, atLeast: streams }),
    ];
    const [worked] = await Promise.allSettled([work()]);
    const came = await Promise.all(lanes.map((lane) => lane.stop()));
    if (worked?.status === "rejected") throw worked.reason;
    const failures = came.flatMap((one) => one.failures);
    const of = came.map(({ count }) => count).join(" and ");
    assert.equal(failures.length, 0, `${failures.length} of ${of} failed:\n${failures.slice(0, 5).join("\n")}`);
  };
  const setTo = (version: AgentVersion) =>
    at.stack.engine.configure({ "services.api.image": at.stack.place.agents[version] });
  const cameTo = async (version: AgentVersion): Promise<void> => {
    await setTo(version);
    await at.stack.up();
    assert.equal(await served(), at.stack.place.agents[version]);
  };
  const served = async (): Promise<string | undefined> => {
    const found = await at.stack.api.get<Deployment & Manifest>(deployment);
    return found?.spec?.template.spec?.containers[0]?.image;
  };

  it("loses no call and no stream, and starts when its migration is done and not before", async function () {
    this.timeout(UP_MS);
    await unnoticed(crowd, () => cameTo("second"));
    const done = (await at.stack.list<Job & Manifest>(jobs)).map(({ status }) =>
      Date.parse(status?.completionTime ?? ""),
    );
    const serving = (await at.stack.list<Pod & Manifest>(pods)).filter(
      ({ metadata, spec }) =>
        metadata?.ownerReferences?.[0]?.kind === "ReplicaSet" &&
        spec?.containers[0]?.image === at.stack.place.agents.second,
    );
    assert.ok(serving.length >= 2);
    for (const { metadata } of serving)
      assert.ok(Date.parse(metadata?.creationTimestamp ?? "") >= Math.max(...done), metadata?.name);
  });

  it("leaves the old one serving where its migration fails, and says why", async () => {
    await unnoticed(few, async () => {
      await setTo("failing");
      const ran = await at.stack.engine.up();
      assert.notEqual(ran.code, 0);
      const [job] = /api-migrate-[0-9a-f]{10}/.exec(ran.output) ?? [];
      assert.ok(job !== undefined, ran.output);
      assert.match(ran.output, /PodFailurePolicy/);
      // Where docs/troubleshooting.md says to look: kubectl logs job/NAME.
      const [tried, ...again] = await at.stack.list<Pod & Manifest>(`${pods}?labelSelector=job-name%3D${job}`);
      assert.ok(tried !== undefined);
      assert.deepEqual(again, []);
      assert.match(
        (await at.stack.api.text(`${podPath(tried)}/log`)) ?? "",
        /^9002-expand-broken failed: relation "that_is_not_there" does not exist;/m,
      );
    });
    assert.equal(await served(), at.stack.place.agents.second);
  });

  it("can be taken back to the one before, on the schema that is there", async function () {
    this.timeout(UP_MS);
    await unnoticed(few, () => cameTo("first"));
  });
});
