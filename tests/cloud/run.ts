import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { stringify } from "yaml";
import { readStackText } from "../../config/stackfile.js";
import { planStack } from "../../plan/plan.js";
import { checkOut } from "../support/checkout.js";
import { cacheRoot } from "../tools/cache.js";
import { dollarsAnHour } from "./prices.js";

/**
 * `npm run test:cloud -- aws --account 123456789012 --yes`: a small stack on a real account, from its first `up` to its
 * end. It costs money, so it says how much at most and stops above `--limit`; whatever happens, it destroys what it made.
 */
const usage = `npm run test:cloud -- aws --account NUMBER [options]

  --account NUMBER   the account that may be used; any other is refused
  --region REGION    where (default: eu-west)
  --limit DOLLARS    the most that it may cost (default: 5)
  --minutes N        after which it is taken down, however far it is (default: 90)
  --yes              do it; without it the cost is said and nothing is made
`;

const flags = {
  account: { type: "string" },
  region: { type: "string", default: "eu-west" },
  limit: { type: "string", default: "5" },
  minutes: { type: "string", default: "90" },
  yes: { type: "boolean", default: false },
} as const;

/** Ends what is being done and goes on to the end, where everything is taken down. */
const ending = new AbortController();
const stop = (why: string): void => ending.abort(new Error(why));

const options = readOptions();
const name = `t${randomBytes(2).toString("hex")}`;
const stackFile = stringify({
  config: {
    "agent-platform:name": name,
    "agent-platform:cloud": "aws",
    "agent-platform:region": options.region,
    "agent-platform:environment": "development",
    "agent-platform:size": "small",
    "agent-platform:aws": { account: options.account },
    "agent-platform:services": { api: { uses: ["database", "cache"] } },
  },
});
await demandAffordable();
await check();

function readOptions() {
  const wrong = (message: string): never => {
    console.error(`${message}\n\n${usage}`);
    process.exit(2);
  };
  try {
    const { values, positionals } = parseArgs({ options: flags, allowPositionals: true });
    const { account = "", region, yes } = values;
    const [limit, minutes] = [Number(values.limit), Number(values.minutes)];
    if (positionals.join() !== "aws") wrong(`which cloud? aws is the one that can be checked, not ${positionals}`);
    if (!/^\d{12}$/.test(account)) wrong("--account wants the 12 digits of the account that may be used");
    if (!(limit > 0)) wrong(`--limit ${values.limit} is no amount of dollars`);
    if (!(minutes > 0)) wrong(`--minutes ${values.minutes} is no number of minutes`);
    return { account, region, limit, minutes, yes };
  } catch (error) {
    return wrong((error as Error).message);
  }
}

/** The whole time at the full price: it will cost less. */
async function demandAffordable(): Promise<void> {
  const source = readStackText(stackFile, "the check");
  const { resources } = await planStack({ source, stack: name, stackOutputs: {} });
  const most = (dollarsAnHour(resources) * options.minutes) / 60;
  console.log(`${resources.length} resources in account ${options.account}, at most $${most.toFixed(2)}`);
  if (most > options.limit) {
    console.error(`that is over the limit of $${options.limit}: raise --limit, or lower --minutes`);
    process.exit(1);
  }
  if (options.yes) return;
  console.log("nothing was made: say --yes to do it");
  process.exit(0);
}

async function check(): Promise<void> {
  const folder = join(cacheRoot(), "cloud-check", name);
  const project = join(folder, "project");
  const state = join(folder, "state");
  for (const one of [project, state]) mkdirSync(one, { recursive: true });
  checkOut(project);
  writeFileSync(join(project, `Pulumi.${name}.yaml`), stackFile);
  const passphrase = randomBytes(16).toString("hex");
  writeFileSync(join(folder, "passphrase"), passphrase, { mode: 0o600 });
  const env = { ...process.env, PULUMI_BACKEND_URL: `file://${state}`, PULUMI_CONFIG_PASSPHRASE: passphrase };
  const pulumi = (...args: string[]) => run([...args, "--stack", name], project, env, ending.signal);
  const cleaning = (...args: string[]) => run([...args, "--stack", name], project, env);
  process.on("SIGINT", () => stop("interrupted"));
  process.on("SIGTERM", () => stop("terminated"));
  const timer = setTimeout(() => stop(`${options.minutes} minutes are over`), options.minutes * 60_000);

  let failure: Error | undefined;
  try {
    await run(["stack", "init", name], project, env, ending.signal);
    await pulumi("up", "--yes");
    await pulumi("up", "--yes", "--expect-no-changes");
    await pulumi("refresh", "--yes", "--expect-no-changes");
  } catch (error) {
    failure = error as Error;
    console.error(failure.message);
  } finally {
    clearTimeout(timer);
  }
  const gone = await takeDown(cleaning);
  if (gone) rmSync(folder, { recursive: true });
  else
    console.error(
      [
        "NOT EVERYTHING IS GONE, and it costs money. The state is kept; go on with:",
        `  cd ${project}`,
        `  export PULUMI_BACKEND_URL=file://${state} PULUMI_CONFIG_PASSPHRASE_FILE=${join(folder, "passphrase")}`,
        `  pulumi cancel --yes --stack ${name}; pulumi refresh --yes --stack ${name}; pulumi destroy --yes --stack ${name}`,
      ].join("\n"),
    );
  console.log(failure === undefined && gone ? "it comes up, stays as it is, and goes away" : "FAILED");
  process.exitCode = failure === undefined && gone ? 0 : 1;
}

/** Three times, because a cloud may need a while to let go; what an `up` left half done is looked up first. */
async function takeDown(cleaning: (...args: string[]) => Promise<void>): Promise<boolean> {
  for (let attempt = 1; attempt <= 3; attempt++) {
    try {
      if (attempt > 1) await cleaning("refresh", "--yes", "--clear-pending-creates");
      await cleaning("destroy", "--yes", "--remove");
      return true;
    } catch (error) {
      console.error(`destroy, attempt ${attempt}: ${(error as Error).message}`);
    }
  }
  return false;
}

/** An interrupt lets the engine finish what it is at and write it down; only then the next command may run. */
async function run(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv, until?: AbortSignal): Promise<void> {
  until?.throwIfAborted();
  console.log(`$ pulumi ${args.join(" ")}`);
  // In a group of its own: a person's Ctrl-C is for this program, which hands it on once.
  const child = spawn("pulumi", [...args, "--non-interactive"], { cwd, env, stdio: "inherit", detached: true });
  const interrupt = () => child.kill("SIGINT");
  until?.addEventListener("abort", interrupt, { once: true });
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  until?.removeEventListener("abort", interrupt);
  until?.throwIfAborted();
  if (code !== 0) throw new Error(`pulumi ${args[0]} ended with ${code}`);
}
