import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Settings } from "../config/settings.js";

/**
 * A stack keeps its cloud and its name. Changing either would make a second platform and delete the first one with its
 * data, so the first resource of all is one that a change would replace; where data is protected, so is this, and the
 * preview stops on it at once. Its name is what the person then reads.
 */
export const createMarker = ({ cloud, name, deletionProtection }: Settings, parent: pulumi.Resource): random.RandomId =>
  new random.RandomId(
    "this-stack-keeps-its-cloud-and-name--make-a-second-stack-to-move",
    { byteLength: 4, keepers: { cloud, name } },
    { parent, protect: deletionProtection },
  );

/**
 * The last resource of all, which a `destroy` meets first. A preview stops on anything that is protected; without one
 * the engine would delete whatever nothing protected depends on, secrets and networks among it, before it comes to what
 * is protected. It has to be outside of what it waits for.
 */
export const createLock = (
  { deletionProtection }: Settings,
  platform: pulumi.Resource,
  provider: random.Provider,
): random.RandomId =>
  new random.RandomId(
    "this-stack-is-locked--set-deletionProtection-to-false-and-run-up-before-destroy",
    { byteLength: 4 },
    { provider, dependsOn: platform, protect: deletionProtection },
  );
