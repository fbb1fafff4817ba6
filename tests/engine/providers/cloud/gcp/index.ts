import type { Props } from "../../serve.js";
import type { Codes, Kind, Package, Rule } from "../kind.js";
import { account } from "./account.js";
import { isOn } from "./apis.js";
import { compute } from "./compute.js";
import { monitoring } from "./monitoring.js";
import { networks } from "./network.js";
import { reads } from "./reads.js";
import { stores } from "./stores.js";
import { type Row, type Table, words } from "./words.js";

/** Google Cloud's words need no codes. */
const codes: Codes = { taken: "", missing: "", inUse: "", quota: "" };

export const gcp: Package = {
  kinds: completed({ ...networks, ...account, ...compute, ...stores, ...monitoring }),
  reads,
  words,
  where: (settings) => {
    const project = String(settings["project"] ?? "");
    if (!/^[a-z][-a-z0-9]{4,28}[a-z0-9]$/.test(project)) throw new Error(`invalid project: ${project}`);
    return { region: String(settings["region"] ?? ""), account: project };
  },
};

/** Ids hold places, every service must be on, and labels are an output, with those that the provider adds. */
function completed(rows: Table): Readonly<Record<string, Kind>> {
  const complete = (type: string, row: Row): Kind => ({
    calledBy: ["name", "selfLink"],
    ...row,
    codes,
    global: true,
    refuses: { ...row.refuses, create: both(isOn(type), row.refuses?.create) },
    outputs: (inputs, ...more) => ({
      ...(inputs["labels"] === undefined
        ? {}
        : { effectiveLabels: { ...(inputs["labels"] as Props), "goog-pulumi-provisioned": "true" } }),
      ...row.outputs?.(inputs, ...more),
    }),
  });
  return Object.fromEntries(Object.entries(rows).map(([type, row]) => [type, complete(type, row)]));
}

function both(first: Rule, second: Rule = () => undefined): Rule {
  return (...all) => first(...all) ?? second(...all);
}
