import { basename } from "node:path";
import { NAMESPACE } from "../config/problems.js";
import { SECRETS_NAMESPACE, setSecretCommand } from "../config/secrets.js";
import { type Parsed, parseSettings, type Settings } from "../config/settings.js";
import type { Source } from "../config/source.js";
import { cloudOfStack } from "../config/stackfile.js";
import program from "../index.js";
import { planned } from "../providers/index.js";
import { type RecordedResource, record } from "./record.js";
import { reveal, SECRET } from "./values.js";

/** What `up` would make of a stack on an empty account. */
export interface Plan {
  readonly stack: string;
  readonly settings: Settings;
  /** Sorted by URN, so that the same input gives the same bytes. */
  readonly resources: readonly RecordedResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
  /** Commands to run before `up`. */
  readonly beforeUp: readonly string[];
}

export interface PlanInput {
  readonly source: Source;
  readonly stack: string;
  readonly today?: string;
  /** Outputs of other stacks, by stack name. What is not here is unknown. */
  readonly stackOutputs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly onProgress?: (resources: number) => void;
}

const PROJECT = NAMESPACE;
/** The name that a self-managed backend gives every organization. */
const ORGANIZATION = "organization";

/** Runs the real program on the recorder. Throws a SettingsError where the settings will not do. */
export async function planStack({ source, stack, today, stackOutputs, onProgress }: PlanInput): Promise<Plan> {
  const options = today === undefined ? {} : { today };
  const parsed = parseSettings(source, { ...options, cloudOf: cloudOfStack, anyCloudsRegion: true });
  const { settings } = parsed;
  const reads = planned[settings.cloud].reads;
  const recording = await record(program, {
    stack,
    project: PROJECT,
    organization: ORGANIZATION,
    preview: true,
    ...engineConfig(source, parsed),
    outputs: (resource) =>
      isStackReference(resource) ? outputsOf(String(resource.inputs["name"]), stackOutputs) : undefined,
    call: ({ token }) => reads[token],
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  return {
    stack,
    settings,
    resources: [...recording.resources].sort((a, b) => (a.urn < b.urn ? -1 : 1)),
    outputs: (await reveal(recording.result)) as Readonly<Record<string, unknown>>,
    warnings: parsed.warnings,
    beforeUp: parsed.unsetSecrets.map(setSecretCommand),
  };
}

/** What the engine would hand to the program: every value as text. Secrets that are not set yet are stood in for. */
function engineConfig(source: Source, { settings, unsetSecrets }: Parsed) {
  const own = Object.entries(source.config).map(([key, value]): [string, string] => [
    key.includes(":") ? key : `${PROJECT}:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const standIns = unsetSecrets.map((name): [string, string] => [`${SECRETS_NAMESPACE}:${name}`, SECRET]);
  const region: [string, string] = [`${PROJECT}:region`, settings.region];
  return {
    config: Object.fromEntries([...own, ...standIns, ...(settings.cloud === "local" ? [] : [region])]),
    secretConfig: [...source.encrypted, ...standIns.map(([key]) => key)],
  };
}

const isStackReference = ({ type }: RecordedResource): boolean => type === "pulumi:pulumi:StackReference";

/** A file may hold the outputs of several stacks by name, short or full, or just those of the one that is asked for. */
function outputsOf(stack: string, given: PlanInput["stackOutputs"]): { outputs: unknown } | undefined {
  const outputs = "schemaVersion" in given ? given : (given[stack] ?? given[basename(stack)]);
  return outputs === undefined ? undefined : { outputs };
}
