import { writeFileSync } from "node:fs";
import { cases, planCase } from "../support/stacks.js";
import { identityOf, listFile } from "./identity.js";

for (const one of cases) writeFileSync(listFile(one.name), identityOf(await planCase(one)));
console.log(`${cases.length} lists written`);
