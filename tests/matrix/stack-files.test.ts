import { stackFileCases } from "./cases.js";
import { expectAsListed, expectIdentity, expectSame } from "./expect.js";

describe("every stack file on every cloud", () => {
  for (const one of stackFileCases) {
    it(`${one.name}, plans without a fault or is refused as listed`, async () => {
      const plan = await expectAsListed(one);
      if (plan !== undefined) await expectIdentity(one, plan);
    });
  }

  for (const one of stackFileCases.filter(({ stack }) => stack === "prod")) {
    it(`${one.name}, is planned the same each time`, () => expectSame(one));
  }
});
