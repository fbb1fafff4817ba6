import * as pulumi from "@pulumi/pulumi";
import type { Identity, IdentityArgs } from "../contract.js";
import { refuseDuties } from "../duties.js";

/** There is no cloud to be somebody towards: what a pod may have comes to it as a Secret of its own namespace. */
export function localIdentity({ duties }: Pick<IdentityArgs, "duties">): Identity {
  refuseDuties("local", duties);
  return { principal: pulumi.output(""), serviceAccountAnnotations: {}, podLabels: {}, ready: [] };
}
