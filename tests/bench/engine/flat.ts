import { readFileSync } from "node:fs";
import { registerFlat } from "../flat.js";

/** The flat program, for the engine: the rows that `flatten.ts` made of a stack's state. */
export default async function program(): Promise<void> {
  const file = process.env["FLAT_ROWS"] ?? "";
  await registerFlat(JSON.parse(readFileSync(file, "utf8")) as Parameters<typeof registerFlat>[0]);
}
