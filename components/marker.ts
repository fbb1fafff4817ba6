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
