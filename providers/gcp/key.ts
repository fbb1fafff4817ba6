import { CryptoKey } from "@pulumi/gcp/kms/cryptoKey.js";
import { CryptoKeyIAMMember } from "@pulumi/gcp/kms/cryptoKeyIAMMember.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import type { Agent, GcpGround } from "./ground.js";
import { tagsFor } from "./tags.js";

export interface GcpKeyArgs {
  readonly stack: Settings;
  readonly ground: GcpGround;
  /** What the key encrypts, in words: a key has no description, so it becomes a label. */
  readonly purpose: string;
  /** The service that encrypts with it: its own account, and nobody else, is let in. */
  readonly agent: Agent;
  /**
   * Keep the key when the stack goes, for backups that stay and are nothing without it.
   * @default false
   */
  readonly outlives?: boolean;
}

/** 90 days between two rotations. */
const ROTATION = "7776000s";
/**
 * Days in which the destruction of a version, and so of all that it encrypts, can be taken back: 30. The same everywhere,
 * because it cannot be changed, and a key that follows a setting would be replaced with it.
 */
const DESTRUCTION = "2592000s";

/**
 * A key of the project's own that only one service uses, so that every use is in the audit trail and access ends where
 * the key does. Google never deletes a key: when the stack goes, its versions are destroyed after 30 days, what they
 * encrypt is unreadable from the first of these days on, and the key's empty name stays in the project, where it costs
 * nothing. Pulumi adds random characters to the name, so the next stack of this name is not refused.
 *
 * Costs 0.06 USD a month for each of its versions, of which there are four more each year.
 */
export class GcpKey extends pulumi.ComponentResource {
  /** The key's id, once the service may use it: whatever encrypts with it waits for that. */
  public readonly id: pulumi.Output<string>;

  constructor(name: string, args: GcpKeyArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:gcp:Key", name, {}, opts);
    const key = createKey(name, args, { parent: this });
    const grant = letIn(`${name}-agent`, key, args, { parent: this });
    this.id = pulumi.all([key.id, grant.urn]).apply(([id]) => id);
    this.registerOutputs({ id: this.id });
  }
}

function createKey(
  name: string,
  { stack, ground, purpose, outlives }: GcpKeyArgs,
  opts: pulumi.CustomResourceOptions,
): CryptoKey {
  return new CryptoKey(
    name,
    {
      keyRing: ground.ring(),
      rotationPeriod: ROTATION,
      destroyScheduledDuration: DESTRUCTION,
      labels: tagsFor(stack, name, { purpose }),
    },
    // Without the key the data that it encrypts is gone, whatever protects the data itself.
    { ...opts, protect: stack.deletionProtection, retainOnDelete: outlives ?? false },
  );
}

/** It is kept where the key is: without it the service could not read what it keeps. */
function letIn(
  name: string,
  key: CryptoKey,
  { ground, agent, outlives }: GcpKeyArgs,
  opts: pulumi.CustomResourceOptions,
): CryptoKeyIAMMember {
  return new CryptoKeyIAMMember(
    name,
    { cryptoKeyId: key.id, role: "roles/cloudkms.cryptoKeyEncrypterDecrypter", member: ground.agent(agent) },
    { ...opts, retainOnDelete: outlives ?? false },
  );
}
