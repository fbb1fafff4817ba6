import { isDeepStrictEqual } from "node:util";
import { bytesOf, statusOf } from "../tests/service/real/faults/bytes.js";
import {
  type Answer,
  type ByMode,
  type Cell,
  type Cells,
  type Row,
  situations,
  table,
} from "../tests/service/real/faults/table.js";

/** What docs/faults.md shows of the table that the tests hold the service against. */
export function faultTable(): string {
  const rows = Object.entries(table).flatMap(([fault, row]: readonly [string, Row]) => [
    ...rowsOf(`\`${fault}\``, row.does, row),
    ...Object.entries(row.except ?? {}).flatMap(([dialect, cells]) => rowsOf(`\`${fault}\``, `of ${dialect}`, cells)),
  ]);
  return `A stream that is whole:

${streamOf({ kind: "whole", by: "p1", says: "all" })}

One that broke off:

${streamOf({ kind: "half", said: "Alpha", why: "broke off" })}

| fault | the provider | asked for | alone | a healthy second | all broken |
|---|---|---|---|---|---|
${rows.join("\n")}
`;
}

function streamOf(answer: Answer): string {
  const about = { fault: "none", dialect: "ollama", mode: "stream", providers: ["p1"], deadlineMs: 0 } as const;
  return `\`\`\`\n${bytesOf(answer, about).text.trimEnd()}\n\`\`\``;
}

function rowsOf(fault: string, does: string, { stream, whole }: ByMode): readonly string[] {
  if (isDeepStrictEqual(stream, whole)) return [rowOf(fault, does, "either way", whole)];
  return [rowOf(fault, does, "as a stream", stream), rowOf(fault, does, "whole", whole)];
}

function rowOf(fault: string, does: string, asked: string, cells: Cells): string {
  const [alone = "", ...others] = situations.map((situation) => toldOf(cells[situation]));
  const rest = others.every((other) => other === alone) ? others.map(() => "the same") : others;
  return `| ${[fault, does, asked, alone, ...rest].join(" | ")} |`;
}

const toldOf = ([answer, attempts, breaker, usage]: Cell): string =>
  [answerOf(answer), attempts, breaker, usage === "none" ? "-" : usage].join("; ");

function answerOf(answer: Answer): string {
  if (answer.kind === "whole") return `**200** by ${answer.by}${answer.says === "all" ? "" : `, ${answer.says}`}`;
  if (answer.kind === "half") return `**200**, half: ${answer.why}`;
  const { code, why, retryAfter } = answer;
  const said = code === "providers_unavailable" || code === "deadline" ? why : `\`${code}\``;
  const again = retryAfter === undefined || retryAfter === 1 ? "" : `, again after ${retryAfter} s`;
  return `**${statusOf(code)}** ${said}${again}`;
}
