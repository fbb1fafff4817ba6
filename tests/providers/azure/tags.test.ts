import assert from "node:assert/strict";
import { tagsFor, tagText } from "../../../providers/azure/tags.js";
import { azureStack, settingsOf } from "../../support/settings.js";
import { tagsOf } from "../../support/tags.js";

const stackWith = (tags: Record<string, string>) => settingsOf({ ...azureStack, tags });

describe("providers/azure/tags", () => {
  it("puts the stack's own tags next to what says whose it is", () => {
    assert.deepEqual(tagsFor(stackWith({ owner: "team-a" }), "x"), { owner: "team-a", ...tagsOf("x") });
  });

  it("no tag is said twice in different case, which Azure would refuse", () => {
    assert.deepEqual(tagsFor(stackWith({ name: "mine", Environment: "mine" }), "x"), tagsOf("x"));
  });

  it("as text, leaves out values at which a controller would cut it", () => {
    assert.equal(
      tagText(stackWith({ owner: "team-a", formula: "a=b" }), "x"),
      "owner=team-a,Name=x,platform=agents,environment=development,managed-by=pulumi",
    );
  });
});
