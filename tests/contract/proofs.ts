import type { CloudName } from "../../config/names.js";
import { evidenceOnAws } from "./evidence/aws.js";
import { evidenceOnAzure } from "./evidence/azure.js";
import { evidenceOnGcp } from "./evidence/gcp.js";
import { type Evidence, type Given, type ProvenPart, properties } from "./evidence/properties.js";
import { eachCase } from "./parts.js";
import { plainOf } from "./values.js";

/** What is in a cluster is the same on every cloud: its own suites see to it. */
const evidence: Readonly<Record<Exclude<CloudName, "local">, Evidence>> = {
  aws: evidenceOnAws,
  gcp: evidenceOnGcp,
  azure: evidenceOnAzure,
};

/** Every property that a part has on each cloud that makes it, on that cloud's own evidence. */
export function proves(part: ProvenPart, modes: readonly string[] | "any"): void {
  eachCase(part, modes, ({ one, settings, ran, resources }) => {
    const { cloud } = one;
    if (cloud === "local") return;
    const proofs = evidence[cloud][part] as Readonly<Record<string, (given: Given) => void>>;
    for (const property of properties[part]) {
      it(property, async () => {
        const { resources: everything, result } = await ran();
        const outputs = (await plainOf(result.outputs)) as Given["outputs"];
        const proof = proofs[property];
        if (proof === undefined) throw new Error(`${cloud} has no evidence that it ${property}`);
        proof({ settings, everything, outputs, part: await resources() });
      });
    }
  });
}
