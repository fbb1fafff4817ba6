import assert from "node:assert/strict";
import type { Deployment } from "kubernetes-types/apps/v1.js";
import type { Job } from "kubernetes-types/batch/v1.js";
import type { ContainerStatus, Pod } from "kubernetes-types/core/v1.js";
import type { Manifest } from "../../engine/cluster/api.js";
import { messages, piecesOf, WHOLE } from "../support/calls.js";
import { ports } from "../support/client.js";
import { itHere } from "../support/here.js";
import { processesIn } from "../support/processes.js";
import { HOST, models } from "../support/settings.js";
import { namespaces } from "../support/stack.js";
import { until } from "../support/until.js";
import { visit } from "../support/visit.js";

/** From its Deployment to the first pod that may be called. */
const READY_MS = 60_000;
const NO_CAPABILITY = "0".repeat(16);

/** Namespaces that the stack made, with pods of its own and of those who serve it. */
const ofThePlatform = /^(agents-development.*|envoy-gateway-system|cnpg-system|metrics-server)$/;

/** What a container can show of itself: the kernel's words, and whether its disk can be written to. */
const LOOK = `
  const fs = require("node:fs");
  const written = ["/here", "/usr/here", "/home/here"].filter((path) => {
    try { fs.writeFileSync(path, ""); return true; } catch { return false; }
  });
  console.log(JSON.stringify({ status: fs.readFileSync("/proc/self/status", "utf8"), written }));
`;

describe("an up on a real node", () => {
  const at = visit();

  const podsOf = async () =>
    (await at.stack.list<Pod & Manifest>("/api/v1/pods")).filter(
      ({ metadata, status }) => ofThePlatform.test(metadata?.namespace ?? "") && status?.phase === "Running",
    );
  const jobsIn = (namespace: string) => at.stack.list<Job & Manifest>(`/apis/batch/v1/namespaces/${namespace}/jobs`);

  it("runs the bootstrap and the migration once", async () => {
    const jobs = [...(await jobsIn(namespaces.data)), ...(await jobsIn(namespaces.services))];
    const ran = jobs.map(({ metadata, status }) => [
      metadata?.name?.replace(/-[0-9a-f]{10}$/, ""),
      status?.succeeded ?? 0,
      status?.failed ?? 0,
    ]);
    assert.deepEqual(ran, [
      ["agents-development-db-main-bootstrap", 1, 0],
      ["api-migrate", 1, 0],
    ]);
  });

  it("is done when the service is ready, within a minute, and its autoscaler brings the rest", async () => {
    const api = () =>
      at.stack.api.get<Deployment & Manifest>(`/apis/apps/v1/namespaces/${namespaces.services}/deployments/api`);
    const { metadata, status } = (await api()) ?? {};
    assert.ok((status?.availableReplicas ?? 0) >= 1);
    const available = status?.conditions?.find(({ type }) => type === "Available");
    const took = Date.parse(available?.lastTransitionTime ?? "") - Date.parse(metadata?.creationTimestamp ?? "");
    assert.ok(took <= READY_MS, `${took} ms`);
    await until("as many pods as the settings say at least", async () =>
      ((await api())?.status?.availableReplicas ?? 0) >= 2 ? true : undefined,
    );
  });

  itHere("runs every process of the platform as nobody in particular, who may nothing", async () => {
    const pods = await podsOf();
    const containers = pods.flatMap(({ metadata, status }) =>
      (status?.containerStatuses ?? []).map(
        ({ name, containerID = "" }: ContainerStatus) =>
          [`${metadata?.namespace}/${metadata?.name}/${name}`, containerID] as const,
      ),
    );
    for (const [where, id] of containers) {
      const processes = processesIn(id);
      assert.notEqual(processes.length, 0, where);
      for (const { pid, ...process } of processes) {
        assert.ok(
          process.uids.every((uid) => uid > 0),
          `${where} ${pid}: ${process.uids}`,
        );
        assert.deepEqual(new Set(process.capabilities), new Set([NO_CAPABILITY]), `${where} ${pid}`);
        assert.ok(process.noNewPrivileges && process.filtered && process.rootIsReadOnly, `${where} ${pid}`);
      }
    }
    const namespacesSeen = new Set(pods.map(({ metadata }) => metadata?.namespace));
    assert.equal(namespacesSeen.size, 5, [...namespacesSeen].join(", "));
  });

  it("keeps the service from writing to its disk, as seen from inside", async () => {
    const pods = (await podsOf()).filter(({ metadata }) => metadata?.name?.startsWith("api-") === true);
    for (const { metadata } of pods) {
      const said = await at.stack.inside.run(namespaces.services, metadata?.name ?? "", ["node", "--eval", LOOK]);
      assert.equal(said.code, 0, said.error);
      const { status, written } = JSON.parse(said.out) as { status: string; written: readonly string[] };
      assert.deepEqual(written, []);
      assert.match(status, /^CapEff:\s+0{16}$/m);
      assert.match(status, /^Uid:\s+10001\s/m);
    }
    assert.ok(pods.length >= 2);
  });

  it("answers the openai client from outside, over TLS, in a stream", async () => {
    await until("an answer through the gateway", async () =>
      (await at.caller.fetch("/health")).status === 200 ? true : undefined,
    );
    const openai = at.caller.openai(at.key);
    const whole = await openai.chat.completions.create({ model: models.quick, messages });
    assert.equal(whole.choices[0]?.message.content, WHOLE);
    const stream = await openai.chat.completions.create({ model: models.paced, messages, stream: true });
    const { pieces, times } = await piecesOf(stream);
    assert.equal(pieces.join(""), WHOLE);
    // Each as it is said, and not all of them at the end.
    assert.ok((times.at(-1) ?? 0) - (times[0] ?? 0) > 500, times.join(" "));
  });

  it("leads plain http to https", async () => {
    const { status, location } = await at.caller.plainly("/health?a=b");
    assert.deepEqual([status, location], [308, `https://${HOST}:${ports.https}/health?a=b`]);
  });

  it("is where the stack says that it is", async () => {
    const said = JSON.parse(await at.stack.engine.must("stack", "output", "--json", "url")) as string;
    assert.equal(said, `https://${at.stack.place.address}:${ports.https}`);
  });

  it("changes nothing in a second up, nor in a refresh", async () => {
    assert.deepEqual(await at.stack.up("--expect-no-changes"), []);
    const refresh = await at.stack.engine.refresh("--expect-no-changes");
    assert.equal(refresh.code, 0, refresh.output);
  });
});
