import { parseArgs } from "node:util";
import { Caller } from "../../cluster/support/client.js";
import { thePlace } from "../../cluster/support/place.js";
import { ClusterStack } from "../../cluster/support/stack.js";
import { machine, writeFindings } from "../gateway/document.js";
import { asMarkdown, asText } from "../gateway/report.js";
import { callsTable, compareCalls, failedOf } from "./calls.js";
import { firstAnswer, firstAnswerTable } from "./first-answer.js";

/** What `bench:cluster` runs where clients of the node are. */
const { values: flags } = parseArgs({
  options: { short: { type: "boolean", default: false }, write: { type: "boolean", default: false } },
});
/** Pods that have only begun are warm later than a program that was called before. */
const effort = flags.short ? { rounds: 3, seconds: 3, warmUp: 4 } : { rounds: 5, seconds: 8, warmUp: 10 };
/** As many pods from the first round to the last. */
const steady = { "services.api.replicas.max": "2" };

const stack = await ClusterStack.open(thePlace(), steady);
const caller = new Caller(stack);
try {
  const first = await firstAnswer(stack, caller);
  const found = await compareCalls(stack, effort);
  const failed = failedOf(found);
  const tables = [firstAnswerTable(first), callsTable(found)];
  for (const table of tables) console.log(`\n${asText(table)}`);
  console.log(failed === 0 ? "\nno call failed" : `\n${failed} calls failed or were not answered whole`);
  const about = flags.short ? `${machine()} The short form.` : machine();
  if (flags.write) writeFindings("npm run bench:cluster -- --write", [about, ...tables.map(asMarkdown)]);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await caller.close();
  stack.leave();
}
