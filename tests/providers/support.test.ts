import assert from "node:assert/strict";
import { defaultModes } from "../../config/defaults.js";
import { features } from "../../config/features.js";
import { cloudNames } from "../../config/names.js";
import { settingsSchema } from "../../config/schema.js";
import { asNode, bare, modeOf } from "../../config/walk.js";
import { type Capability, refuse, support } from "../../providers/support.js";

/** `network.managed` and so on: every mode that the schema knows. */
const modes = Object.entries(bare(asNode(settingsSchema)).def.shape ?? {}).flatMap(([part, node]) => {
  const { def } = bare(node);
  const holder = def.valueType === undefined ? def : bare(def.valueType).def;
  return holder.discriminator === undefined ? [] : (holder.options ?? []).map((option) => `${part}.${modeOf(option)}`);
});

describe("what each cloud can do", () => {
  it("every mode of the settings has a row, and every row is a mode, a feature or a thing of the whole stack", () => {
    const asked = features.map(({ capability }) => capability);
    assert.deepEqual(Object.keys(support).sort(), [...modes, ...asked, "standby", "edge"].sort());
  });

  it("every row answers for every cloud, and what is not there has a reason and an alternative", () => {
    for (const [capability, answers] of Object.entries(support)) {
      assert.deepEqual(Object.keys(answers).sort(), [...cloudNames].sort(), capability);
      for (const answer of Object.values(answers)) {
        if (answer === true) continue;
        assert.match(answer.reason, /^\S.*[^.;]$/, capability);
        assert.match(answer.alternative, /^\S.*[^.;]$/, capability);
      }
    }
  });

  it("no cloud's default is something that it lacks", () => {
    for (const cloud of cloudNames) {
      for (const [part, mode] of Object.entries(defaultModes[cloud])) {
        assert.equal(support[`${part}.${mode}` as Capability][cloud], true, `${cloud} ${part}.${mode}`);
      }
    }
  });

  it("a cloud that is asked nevertheless says why not, and what instead", () => {
    assert.throws(() => refuse("local", "domain.managed"), {
      message: "local: no domain.managed: local has no DNS service; use mode none, and the printed address",
    });
    assert.throws(() => refuse("aws", "network.managed"), {
      message: "aws supports network.managed, and yet it was refused",
    });
  });
});
