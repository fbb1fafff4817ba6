import assert from "node:assert/strict";
import { cloudRecords, type Measure } from "../../../providers/contract.js";
import { metricsIn, unknownNames } from "../../monitoring/promql.js";

interface Listed {
  readonly metrics: Readonly<Record<string, { readonly labels: readonly string[] }>>;
}

/** Every series that rules name is one that the exporter has, and every label that they tell it by is one of its. */
export function namesWhatThereIs({ recordings, namings }: Measure, { metrics }: Listed): void {
  const known = new Map(
    Object.entries(metrics).map(([name, { labels }]) => [name, [...labels, ...namings.map(({ gets }) => gets)]]),
  );
  const used = Object.entries(recordings).flatMap(([record, expression]) => {
    assert.ok((cloudRecords as readonly string[]).includes(record), record);
    assert.deepEqual(unknownNames(expression, known), [], record);
    return metricsIn(expression);
  });
  // And what nobody asks for is not listed, nor paid for.
  assert.deepEqual([...new Set(used)].sort(), Object.keys(metrics).sort());
}

/** What `label_replace` would make of a name: the key, or nothing. */
export function keyIn(expression: string | undefined, name: string): string | undefined {
  const [, pattern = ""] = /"\$1", "\w+", "([^"]*)"/.exec(expression ?? "") ?? [];
  return new RegExp(`^(?:${pattern})$`).exec(name)?.[1];
}
