import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { mapValues } from "../../config/maps.js";
import type { ServiceSettings } from "../../config/service-schema.js";
import type { Settings } from "../../config/settings.js";
import type { SecretRef, SecretStore } from "../../providers/contract.js";
import { partName } from "../../providers/naming.js";

export interface AgentKeysArgs {
  readonly stack: Pick<Settings, "environment" | "deletionProtection">;
  /** Of the service that the keys are made for. */
  readonly settings: ServiceSettings;
  readonly secretStore: SecretStore;
}

/**
 * The keys that an agent service generates for itself nowhere: its ring of encryption keys, of which it derives
 * everything that it hashes and encrypts with, and a first admin key to make others with. A key that the service names
 * among its own secrets is the stack's, and none is made for it.
 *
 * Whoever loses the ring loses what was encrypted with it: where data is protected, so is each key. Costs two secrets.
 */
export class AgentKeys extends pulumi.ComponentResource {
  /** By the variables that hand them over; the property `value` of an entry is the key. */
  public readonly secrets: Readonly<Record<string, SecretRef>>;

  constructor(name: string, args: AgentKeysArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:agents:AgentKeys", name, {}, opts);
    const { settings, secretStore } = args;
    const put = (entry: string, value: pulumi.Output<string>): SecretRef =>
      secretStore.put(entry, { value }, { parent: this });
    const isOurs = (variable: string): boolean => !settings.secrets.includes(variable);

    this.secrets = {
      ...(isOurs(RING) ? { [RING]: put(`${name}-encryption`, createRing(`${name}-encryption`, args, this)) } : {}),
      ...(isOurs(BOOTSTRAP) && settings.agents?.bootstrapKey === true
        ? { [BOOTSTRAP]: put(`${name}-bootstrap`, createBootstrapKey(`${name}-bootstrap`, args, this)) }
        : {}),
    };
    this.registerOutputs({ secrets: mapValues(this.secrets, ({ key }) => key) });
  }
}

const RING = "ENCRYPTION_KEYS";
const BOOTSTRAP = "BOOTSTRAP_API_KEY";

/** `2:<base64 of 32 bytes>,1:<base64>`, newest first. */
function createRing(name: string, { stack, settings }: AgentKeysArgs, parent: AgentKeys): pulumi.Output<string> {
  const numbers = Array.from({ length: settings.agents?.encryptionKeys ?? 1 }, (_, index) => index + 1);
  const keys = numbers.map((number) => {
    const key = new random.RandomBytes(
      `${name}-${number}`,
      { length: 32 },
      { parent, protect: stack.deletionProtection },
    );
    return pulumi.interpolate`${number}:${key.base64}`;
  });
  return pulumi.secret(pulumi.all(keys.reverse()).apply((ring) => ring.join(",")));
}

/** As the service makes its own: `ak_<env>_<id>_<secret>`. Another one would do as well, so nothing protects it. */
function createBootstrapKey(name: string, { stack }: AgentKeysArgs, parent: AgentKeys): pulumi.Output<string> {
  const secret = new random.RandomPassword(name, { length: 40, special: false }, { parent });
  return pulumi.secret(pulumi.interpolate`ak_${stack.environment}_bootstrap_${secret.result}`);
}

/** The keys of each service that runs the agent service, by its name; deployments of one image have them in common. */
export function createAgentKeys(
  name: string,
  { stack, secretStore }: { readonly stack: Settings; readonly secretStore: SecretStore },
  parent: pulumi.Resource,
): Readonly<Record<string, AgentKeys["secrets"]>> {
  const services = Object.entries(stack.services).filter(([, { agents }]) => agents !== undefined);
  const made = Object.fromEntries(
    services.flatMap(([service, settings]) =>
      settings.agents?.of === undefined
        ? [
            [
              service,
              new AgentKeys(`${partName(name, "service", service)}-keys`, { stack, settings, secretStore }, { parent })
                .secrets,
            ],
          ]
        : [],
    ),
  );
  return Object.fromEntries(services.map(([service, { agents }]) => [service, made[agents?.of ?? service] ?? {}]));
}

/** Where the first admin key is kept: of the first service that has one, and nowhere where none does. */
export function bootstrapKeyOf(keys: Readonly<Record<string, AgentKeys["secrets"]>>) {
  const [first] = Object.values(keys).flatMap((secrets) => secrets[BOOTSTRAP] ?? []);
  return { store: first?.store ?? pulumi.output(""), key: first?.key ?? pulumi.output("") };
}
