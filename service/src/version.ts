import { readFileSync } from "node:fs";

/** As package.json says: one folder up, of the sources as of what is built of them. */
export const version: string = (
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { readonly version: string }
).version;
