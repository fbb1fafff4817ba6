import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { CloudName } from "../../config/names.js";
import type { Settings } from "../../config/settings.js";
import type { Tree } from "../../config/walk.js";
import type { Cloud } from "../../providers/contract.js";
import { loadCloud, planned } from "../../providers/index.js";
import { deploy } from "../support/deploy.js";
import { settingsOf, stacks } from "../support/settings.js";

/** What a part is made with beside a platform. */
export interface Entered {
  readonly cloud: Cloud;
  readonly settings: Settings;
  /** What parts inherit the cloud's providers from. */
  readonly parent: pulumi.Resource;
}

/** A cloud as it is entered, with its ground and nothing else; its reads have the answers that a plan has. */
export async function entered<T>(name: CloudName, then: (given: Entered) => T, said: Tree = {}, preview = false) {
  const open = await loadCloud(name);
  const calls = Object.fromEntries(Object.entries(planned[name].reads).map(([token, read]) => [token, () => read]));
  const settings = settingsOf({ ...stacks[name], ...said });
  return deploy(
    () => {
      const opened = open(settings);
      const providers = [new random.Provider("random"), ...opened.providers];
      const parent = new pulumi.ComponentResource("test:index:Platform", "platform", {}, { providers });
      return then({ cloud: opened.enter("platform", { parent }), settings, parent });
    },
    { calls, preview },
  );
}
