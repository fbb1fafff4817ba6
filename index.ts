import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { createLock } from "./components/marker.js";
import { Platform } from "./components/platform.js";
import { PersonError } from "./config/problems.js";
import { SECRETS_NAMESPACE, setSecretCommand } from "./config/secrets.js";
import { type Parsed, parseSettings } from "./config/settings.js";
import { cloudOfStack, fromPulumiConfig } from "./config/stackfile.js";
import { loadCloud } from "./providers/index.js";

/** Enough to find a fault: the SDK takes a stack trace for each of thousands of promises, and maps it to its source. */
const STACK_FRAMES = 2;

/** Settings -> cloud -> platform -> stack outputs. `npm run plan` runs this very function on a recorder. */
export default async function program(): Promise<object> {
  Error.stackTraceLimit = STACK_FRAMES;
  const { settings, warnings } = inOwnWords(readSettings);
  for (const warning of warnings) await pulumi.log.warn(warning);
  const secrets = new pulumi.Config(SECRETS_NAMESPACE);
  const cloud = (await loadCloud(settings.cloud))(settings);
  const chance = new random.Provider("random");
  const platform = inOwnWords(
    () =>
      new Platform(
        settings.prefix,
        { settings, cloud, secretValue: (name) => secrets.requireSecret(name) },
        { providers: [chance, ...cloud.providers], transformations: cloud.transformations ?? [] },
      ),
  );
  createLock(settings, platform, chance);
  return platform.outputs;
}

/** A person's mistake ends without a stack trace. */
function inOwnWords<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof PersonError ? new pulumi.RunError(error.message) : error;
  }
}

function readSettings(): Parsed {
  const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };
  const parsed = parseSettings(fromPulumiConfig(pulumi.runtime.allConfig(), isConfigSecret), { cloudOf: cloudOfStack });
  if (parsed.unsetSecrets.length === 0) return parsed;
  const commands = parsed.unsetSecrets.map((name) => `  ${setSecretCommand(name)}`);
  throw new pulumi.RunError(["services name secrets that have no value; before up:", ...commands].join("\n"));
}
