import type { CloudName } from "../../config/names.js";
import { type Case, combinedCases, longestKeysCase, refusedCases, sizeCases } from "./cases.js";
import { expectAsListed, expectIdentity, expectSame } from "./expect.js";

/** One case in so many is planned twice: twice of all takes as long again. */
const SAMPLE = 10;

/** Everything that a cloud is asked for, each in a test of its own. A file a cloud, so that two run side by side. */
export function everyCaseOn(cloud: CloudName): void {
  const combined = combinedCases(cloud);
  describe(`every stack file on ${cloud}`, () => {
    for (const one of sizeCases.filter((stack) => stack.cloud === cloud)) {
      it(`${one.name}, plans as it should or is refused as listed`, async () => {
        const plan = await expectAsListed(one);
        if (plan !== undefined) await expectIdentity(one, plan);
      });
    }
  });
  describe(`every two options together on ${cloud}`, () => {
    it("has names that fit where keys are as long as may be", () =>
      expectAsListed(longestKeysCase(cloud)).then(() => undefined));
    for (const one of combined) it(one.name, () => expectAsListed(one).then(() => undefined));
  });
  describe(`what ${cloud} has not`, () => {
    for (const one of refusedCases(cloud))
      it(`${one.name}, is refused`, () => expectAsListed(one).then(() => undefined));
  });
  describe(`a sample on ${cloud}, planned twice`, () => {
    for (const one of combined.filter((_: Case, index) => index % SAMPLE === 0)) it(one.name, () => expectSame(one));
  });
}
