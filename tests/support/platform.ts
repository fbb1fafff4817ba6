import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Platform } from "../../components/platform.js";
import type { ParseOptions } from "../../config/settings.js";
import type { Tree } from "../../config/walk.js";
import { loadCloud, planned } from "../../providers/index.js";
import { deploy, type Stubs } from "./deploy.js";
import { settingsOf } from "./settings.js";

/** What every secret that the platform generates is made of in these tests, so that it can be searched for. */
export const PLANTED = "planted-secret";

/** What watches is a third of a platform: it is there where a test says so. */
const unwatched = { mode: "none" };

/** A whole platform from its settings, on the recorder. Generated and configured secrets begin with `PLANTED`. */
export async function deployPlatform(said: Tree, stubs: Stubs = {}, options: ParseOptions = {}) {
  const settings = settingsOf({ monitoring: unwatched, ...said }, options);
  const open = await loadCloud(settings.cloud);
  const { reads } = planned[settings.cloud];
  const calls = Object.fromEntries(Object.entries(reads).map(([token, answer]) => [token, () => answer]));
  const passwords = {
    "random:index/randomPassword:RandomPassword": ({ name }: { name: string }) => ({ result: `${PLANTED}-${name}` }),
  };
  return deploy(
    () => {
      const cloud = open(settings);
      const secretValue = (name: string) => pulumi.secret(`${PLANTED}-${name}`);
      const providers = [new random.Provider("random"), ...cloud.providers];
      return new Platform(
        settings.prefix,
        { settings, cloud, secretValue },
        { providers, transformations: cloud.transformations ?? [] },
      );
    },
    { ...stubs, calls: { ...calls, ...stubs.calls }, outputs: { ...passwords, ...stubs.outputs } },
  );
}
