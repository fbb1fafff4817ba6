import { parseArgs } from "node:util";
import { listed, nearest, UsageError } from "../config/problems.js";

export interface Options {
  readonly stack: string;
  readonly config: string | undefined;
  readonly sets: readonly string[];
  readonly json: string | undefined;
  readonly stackOutputs: string | undefined;
  readonly today: string | undefined;
  readonly strict: boolean;
  readonly all: boolean;
  readonly help: boolean;
}

export const usage = `npm run plan -- [options]

  --stack S             plan Pulumi.S.yaml (default: prod)
  --config FILE         plan this stack file instead
  --cloud C             on this cloud instead
  --set a.b.c=VALUE     with this setting instead; may be given more than once
  --stack-outputs FILE  outputs of other stacks (pulumi stack output --json)
  --today YYYY-MM-DD    the day that end-of-life dates are held against
  --json FILE           write the plan as JSON; - is standard output
  --strict              fail where something must still be set before up
  --all                 every resource, as a tree
  --help                this text
`;

const flags = {
  stack: { type: "string" },
  config: { type: "string" },
  cloud: { type: "string" },
  set: { type: "string", multiple: true },
  "stack-outputs": { type: "string" },
  today: { type: "string" },
  json: { type: "string" },
  strict: { type: "boolean" },
  all: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parsed(args);
  if (positionals.length > 0) {
    throw new UsageError(`${positionals[0]} is no option; options begin with --, values follow them`);
  }
  if (values.stack !== undefined && values.config !== undefined) {
    throw new UsageError("--stack and --config both name a stack file: give one of them");
  }
  if (values.today !== undefined && !/^\d{4}-\d\d-\d\d$/.test(values.today)) {
    throw new UsageError(`--today ${values.today} is no day: write it like 2026-11-21`);
  }
  for (const [name, value] of Object.entries(values)) {
    if (value === "") throw new UsageError(`--${name} has an empty value`);
  }
  return {
    stack: values.stack ?? "prod",
    config: values.config,
    sets: [...(values.cloud === undefined ? [] : [`cloud=${values.cloud}`]), ...(values.set ?? [])],
    json: values.json,
    stackOutputs: values["stack-outputs"],
    today: values.today,
    strict: values.strict ?? false,
    all: values.all ?? false,
    help: values.help ?? false,
  };
}

function parsed(args: readonly string[]) {
  const unknown = args
    .map((arg) => /^--([a-z-]+)/.exec(arg)?.[1])
    .find((name) => name !== undefined && !(name in flags));
  if (unknown !== undefined) {
    const meant = nearest(unknown, Object.keys(flags));
    const hint =
      meant === undefined
        ? `the options are ${listed(
            Object.keys(flags).map((flag) => `--${flag}`),
            "and",
          )}`
        : `did you mean --${meant}?`;
    throw new UsageError(`--${unknown} is no option; ${hint}`);
  }
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split("\n")[0]);
  }
}
