import type { ComponentResourceOptions, ProviderResource, ResourceTransformation } from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import type { Tree } from "../../config/walk.js";
import { deploy, type Stubs } from "./deploy.js";
import { within } from "./rows.js";
import { settingsOf } from "./settings.js";

/** What the platform hands down to a part. */
export interface Given<Ground> {
  readonly stack: Settings;
  readonly ground: Ground;
  readonly opts: ComponentResourceOptions;
}

/**
 * How one part of a stack is deployed on a cloud: what it stands on is in `everything`, what is inside its component in
 * `resources`.
 */
export const partsOn =
  <Ground>(
    providers: () => ProviderResource[],
    groundOf: (stack: Settings, opts: ComponentResourceOptions) => Ground,
    answers: Stubs,
    transformations: ResourceTransformation[] = [],
  ) =>
  async <T>(component: string, said: Tree, make: (given: Given<Ground>) => T | Promise<T>, stubs: Stubs = {}) => {
    const stack = settingsOf(said);
    const recording = await deploy(
      () => {
        const opts = { providers: providers(), transformations };
        return make({ stack, ground: groundOf(stack, opts), opts });
      },
      {
        ...answers,
        ...stubs,
        outputs: { ...answers.outputs, ...stubs.outputs },
        calls: { ...answers.calls, ...stubs.calls },
      },
    );
    return { ...recording, everything: recording.resources, resources: within(recording.resources, component) };
  };
