import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { parseDocument } from "yaml";
import { checkOut } from "../../support/checkout.js";
import { writeExecutables } from "./executables.js";

/** One step of an operation: what the engine did to one resource. */
export interface Step {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly name: string;
}

export interface Ran {
  readonly code: number | null;
  /** All that a person would have read. */
  readonly output: string;
  /** What was, or in a preview would be, done; in the order in which it was done. */
  readonly steps: readonly Step[];
  readonly seconds: number;
}

export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly custom: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly parent?: string;
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[]>>;
  readonly provider?: string;
  readonly deletedWith?: string;
  readonly protect?: boolean;
  readonly external?: boolean;
}

export interface State {
  readonly resources: readonly StateResource[];
  readonly pending_operations?: readonly { readonly type: string; readonly resource: StateResource }[];
}

export interface StackOptions {
  /** Which of the repository's stack files it begins with. */
  readonly stack: string;
  /** What `pulumi config set --path` would be told, settings without their namespace. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Whether it serves the agent service, as the file says; most scenarios are about what is below, where services have
   * their access alone.
   */
  readonly serving?: boolean;
  /** Whether somebody watches, as the file says: dozens of objects more, on which little else depends. */
  readonly watching?: boolean;
  /** Another program than the repository's own: its file, from the root. */
  readonly main?: string;
}

/**
 * A stack as a person has it: a checkout of the program, a stack file, a state on disk and the CLI; beside it the
 * stand-in cloud's own disk.
 */
export class EngineStack {
  readonly folder = mkdtempSync(join(tmpdir(), "engine-"));
  readonly cloud = join(this.folder, "cloud");
  readonly stackFile: string;
  readonly #project = join(this.folder, "project");
  readonly #logs = join(this.folder, "logs");
  readonly #env: NodeJS.ProcessEnv;
  #commands = 0;

  private constructor(readonly options: StackOptions) {
    for (const one of [this.cloud, this.#project, this.#logs, join(this.folder, "state"), join(this.folder, "home")])
      mkdirSync(one);
    const bin = join(this.folder, "bin");
    writeExecutables(bin);
    this.stackFile = join(this.#project, `Pulumi.${options.stack}.yaml`);
    checkOut(this.#project);
    if (options.main !== undefined) appendFileSync(join(this.#project, "Pulumi.yaml"), `main: ${options.main}\n`);
    this.#env = {
      PATH: [bin, dirname(process.execPath), process.env["PATH"]].join(delimiter),
      HOME: join(this.folder, "home"),
      PULUMI_HOME: join(this.folder, "home"),
      PULUMI_BACKEND_URL: `file://${join(this.folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "a passphrase",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      // The state is written at the end, and not at each of hundreds of steps: whoever kills the engine asks for those.
      PULUMI_SKIP_CHECKPOINTS: "true",
      // What brings the log of events.
      PULUMI_DEBUG_COMMANDS: "true",
      NO_COLOR: "1",
      // Whoever reaches for the network gets an error at once.
      HTTPS_PROXY: "http://127.0.0.1:9",
      HTTP_PROXY: "http://127.0.0.1:9",
      NO_PROXY: "127.0.0.1,localhost",
      STANDIN_CLOUD: this.cloud,
      ...options.env,
    };
  }

  static async create(options: StackOptions): Promise<EngineStack> {
    const stack = new EngineStack(options);
    const file = parseDocument(readFileSync(stack.stackFile, "utf8"));
    if (options.serving !== true)
      for (const key of ["agents", "routes"]) file.deleteIn(["config", "agent-platform:services", "api", key]);
    if (options.watching !== true)
      file.setIn(["config", "agent-platform:monitoring"], file.createNode({ mode: "none" }));
    writeFileSync(stack.stackFile, file.toString());
    await stack.must("stack", "init", options.stack);
    await stack.configure(options.settings ?? {}, options.secrets ?? {});
    return stack;
  }

  async configure(settings: Readonly<Record<string, string>>, secrets: Readonly<Record<string, string>> = {}) {
    const said = [
      ...Object.entries(settings).flatMap(([key, value]) => ["--plaintext", `agent-platform:${key}=${value}`]),
      ...Object.entries(secrets).flatMap(([key, value]) => ["--secret", `agent-secrets:${key}=${value}`]),
    ];
    if (said.length > 0) await this.must("config", "set-all", "--path", ...said);
  }

  preview = (...args: string[]): Promise<Ran> => this.run("preview", ...args);
  up = (...args: string[]): Promise<Ran> => this.run("up", "--yes", "--skip-preview", ...args);
  refresh = (...args: string[]): Promise<Ran> => this.run("refresh", "--yes", "--skip-preview", ...args);
  destroy = (...args: string[]): Promise<Ran> => this.run("destroy", "--yes", "--skip-preview", ...args);

  /** An operation of the engine, with what it did. */
  async run(operation: string, ...args: string[]): Promise<Ran> {
    const { ended } = this.start(operation, ...args);
    return ended;
  }

  /** The same, without waiting: for those who kill it. */
  start(operation: string, ...args: string[]): { readonly child: ChildProcess; readonly ended: Promise<Ran> } {
    this.#commands += 1;
    const log = join(this.#logs, `${String(this.#commands).padStart(3, "0")}-${operation}.jsonl`);
    const began = Date.now();
    const child = this.#spawn([operation, ...args, "--parallel", "64", "--event-log", log]);
    const ended = finished(child).then(({ code, output }) => ({
      code,
      output,
      steps: stepsOf(eventsOf(log)),
      seconds: (Date.now() - began) / 1000,
    }));
    return { child, ended };
  }

  /** A command that has to succeed; its output. */
  async must(...args: string[]): Promise<string> {
    const { code, output } = await finished(this.#spawn(args));
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${code}:\n${output}`);
    return output;
  }

  /** Read where the engine keeps it, which is what `pulumi stack export` says, in no time. */
  state(): State {
    const { checkpoint } = JSON.parse(readFileSync(this.#stateFile, "utf8")) as {
      checkpoint: { latest?: Partial<State> };
    };
    return { ...checkpoint.latest, resources: checkpoint.latest?.resources ?? [] };
  }

  get #stateFile(): string {
    return join(this.folder, `state/.pulumi/stacks/agent-platform/${this.options.stack}.json`);
  }

  /** The file that holds the state is replaced in one piece; this one beside it, which describes it, is not. */
  get stateAttributes(): string {
    return `${this.#stateFile}.attrs`;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #spawn(args: readonly string[]): ChildProcess {
    const stack = args[0] === "stack" && args[1] === "init" ? [] : ["--stack", this.options.stack];
    return spawn("pulumi", [...args, ...stack, "--non-interactive"], {
      cwd: this.#project,
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
    });
  }
}

async function finished(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { code, output };
}

interface EngineEvent {
  readonly resOutputsEvent?: { readonly metadata: Step };
  readonly diagnosticEvent?: { readonly severity: string };
}

/**
 * Leaves in the log what the CLI shows: messages for debugging, which the SDK fills with open values, are nobody's
 * unless they are asked for. The last line of an engine that was killed may be half a line.
 */
function eventsOf(log: string): readonly EngineEvent[] {
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, "utf8").split("\n");
  const shown = lines
    .filter((line) => line.endsWith("}"))
    .map((line) => JSON.parse(line) as EngineEvent)
    .filter(({ diagnosticEvent }) => diagnosticEvent?.severity !== "debug");
  writeFileSync(log, shown.map((event) => `${JSON.stringify(event)}\n`).join(""));
  return shown;
}

/** A preview says twice what it would make of a component. */
function stepsOf(events: readonly EngineEvent[]): readonly Step[] {
  const steps = events.flatMap(({ resOutputsEvent }) => {
    if (resOutputsEvent === undefined) return [];
    const { op, urn, type } = resOutputsEvent.metadata;
    return [{ op, urn, type, name: urn.split("::").slice(3).join("::") }];
  });
  return [...new Map(steps.map((step) => [`${step.op} ${step.urn}`, step])).values()];
}

/** What an operation changed: nothing that stayed the same, was only read, or only groups others. */
export const changesOf = ({ steps }: Ran): readonly Step[] =>
  steps.filter(({ op }) => !["same", "read", "refresh"].includes(op));
