import { newApiKey } from "./auth/api-key.js";
import { OPERATING_TENANT } from "./auth/principal.js";
import { type Env, loadEnv } from "./env.js";
import { Refusal } from "./refusal.js";
import { type Running, start } from "./start.js";
import { StorageBusy } from "./storage/database.js";
import { migrateDatabase } from "./storage/open.js";
import { createTelemetry } from "./telemetry/telemetry.js";
import { version } from "./version.js";

/**
 * `node main.js [serve | migrate]`: exit code 2 for a wrong command, 3 where the settings or the schema refuse it, 1 for
 * all else. A Job does not try again after a 3.
 */
const commands = { serve, migrate: migrateOnly };

const name = process.argv[2] ?? "serve";
if (!(name in commands) || process.argv.length > 3) {
  console.error(`'${process.argv.slice(2).join(" ")}' is no command; expected serve or migrate`);
  process.exit(2);
}
try {
  await commands[name as keyof typeof commands](loadEnv(process.env));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  for (const line of error.message.split("\n")) console.error(line);
  process.exit(error instanceof StorageBusy ? 1 : 3);
}

async function migrateOnly(env: Env): Promise<void> {
  const { log, flush } = await createTelemetry(env, { version });
  await migrateDatabase(env, (line) => log.info(line));
  await flush();
}

async function serve(env: Env): Promise<void> {
  const telemetry = await createTelemetry(env, { version });
  const running = await start(env, telemetry);
  endOnSignals(running, env, telemetry.log);
  await running.serving;
  // Told to end before it had begun.
  if (running.services.lifecycle.phase !== "serving") return;
  telemetry.log.info({ url: running.url, role: env.ROLE }, "serving");
  if (process.stdout.isTTY && env.NODE_ENV !== "production") await greet(running, env);
}

/** The first signal ends in peace, the second at once; whatever hangs is cut off after SHUTDOWN_TIMEOUT. */
function endOnSignals(running: Running, env: Env, log: { readonly info: (message: string) => void }): void {
  let ending = false;
  const end = (signal: NodeJS.Signals) => {
    if (ending) process.exit(143);
    ending = true;
    log.info(
      `${signal}: serves on for a moment, answers what it accepted, ends within ${env.SHUTDOWN_TIMEOUT / 1000} s`,
    );
    setTimeout(() => process.exit(143), env.SHUTDOWN_TIMEOUT).unref();
    running.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
}

/** For a person who tries it out: where it is, a first key, and a line to copy. */
async function greet({ services, url }: Running, env: Env): Promise<void> {
  const lines = [`listening on ${url}`, `documents  ${url}/docs`];
  const key =
    env.BOOTSTRAP_API_KEY === undefined && services.database.kind === "embedded" ? await firstKey(services) : undefined;
  if (key !== undefined)
    lines.push(
      `first key  ${key}   (admin; shown this once)`,
      "",
      `curl -H 'Authorization: Bearer ${key}' ${url}/api/v1/templates`,
    );
  console.log(`\n${lines.join("\n")}\n`);
}

async function firstKey({ database, keys }: Running["services"]): Promise<string | undefined> {
  const [any] = await database.query("select id from api_keys limit 1");
  if (any !== undefined) return undefined;
  const key = newApiKey("test");
  await database.query(
    `insert into api_keys (id, tenant_id, name, role, scopes, hash, pepper, created_by)
     values ($1, $2, 'first key', 'admin', $3, $4, $5, 'start')`,
    [key.id, OPERATING_TENANT, ["*"], keys.hash(key), keys.current],
  );
  return key.whole;
}
