import { aws } from "./aws.js";
import { azure } from "./azure.js";
import type { Case } from "./case.js";
import { gcp } from "./gcp.js";
import { local } from "./local.js";

export type { Case };

export const cases: Readonly<Record<string, Case>> = { aws, gcp, azure, local };
