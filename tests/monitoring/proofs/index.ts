import type { AlertId } from "../../../components/monitoring/rules/index.js";
import type { Proof } from "../proof.js";
import { agentProofs } from "./agents.js";
import { budgetProofs } from "./budget.js";
import { businessProofs } from "./business.js";
import { callProofs } from "./calls.js";
import { modelProofs } from "./models.js";
import { nodeProofs } from "./nodes.js";
import { outsideProofs } from "./outside.js";
import { podProofs } from "./pods.js";
import { saturationProofs } from "./saturation.js";
import { sloProofs } from "./slo.js";
import { storeProofs } from "./stores.js";
import { watchingProofs } from "./watching.js";

/** One for each alert there is: without one, this does not compile. */
export const proofs: Readonly<Record<AlertId, Proof>> = {
  ...callProofs,
  ...saturationProofs,
  ...agentProofs,
  ...modelProofs,
  ...budgetProofs,
  ...sloProofs,
  ...storeProofs,
  ...podProofs,
  ...nodeProofs,
  ...outsideProofs,
  ...watchingProofs,
  ...businessProofs,
};
