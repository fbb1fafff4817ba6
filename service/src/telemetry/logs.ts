import { pino } from "pino";
import type { Env } from "../env.js";
import { readable } from "./readable.js";
import { scopeFields } from "./scope.js";
import type { Scrub } from "./scrub.js";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal";

type Fields = Readonly<Record<string, unknown>>;
type Say = {
  (message: string): void;
  /** An error goes under `err`. */
  (fields: Fields, message: string): void;
};

/**
 * The log. Every line within a call carries the call's ids and caller; nothing that is secret gets through, wherever
 * it stands. It is not pino's own type, because a child's fields and pino's formatting would pass by the scrubbing.
 */
export type Log = { readonly [L in LogLevel]: Say } & {
  child(fields: Fields): Log;
};

export interface Destination {
  write(line: string): void;
}

export interface LogOptions {
  readonly scrub: Scrub;
  readonly version: string;
  /** Where lines go, instead of to the standard output. */
  readonly destination?: Destination | undefined;
}

export const SERVICE_NAME = "agent-service";

/** Pino writes these itself; a field of the same name would be there twice, and readers disagree on which one counts. */
const OWN = new Set(["level", "time", "msg", "service", "version"]);

export function createLog(env: Pick<Env, "LOG_LEVEL" | "NODE_ENV">, options: LogOptions): Log {
  const { scrub, version, destination = standardOutput(env.NODE_ENV) } = options;
  const writer = pino(
    {
      level: env.LOG_LEVEL,
      base: { service: SERVICE_NAME, version },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      // What comes here is plain already; pino's own would take it for an Error of type Object.
      serializers: { err: (plain) => plain },
      depthLimit: 20,
    },
    destination,
  );

  const logOf = (own: Fields): Log => {
    const say =
      (level: LogLevel): Say =>
      (first: string | Fields, message?: string) => {
        if (!writer.isLevelEnabled(level)) return;
        const given = typeof first === "string" ? {} : first;
        const sentence = typeof first === "string" ? first : (message ?? "");
        // The call's own ids come last: nothing that is logged can pass for another call.
        const fields = { ...renamed({ ...own, ...given }), ...scopeFields() };
        writer[level](scrub.fields(fields), scrub.text(sentence));
      };
    return {
      trace: say("trace"),
      debug: say("debug"),
      info: say("info"),
      warn: say("warn"),
      error: say("error"),
      fatal: say("fatal"),
      child: (fields) => logOf({ ...own, ...fields }),
    };
  };
  return logOf({});
}

const renamed = (fields: Fields): Fields =>
  Object.keys(fields).some((key) => OWN.has(key))
    ? Object.fromEntries(Object.entries(fields).map(([key, value]) => [OWN.has(key) ? `${key}_` : key, value]))
    : fields;

/** JSON, unless a person sits at it: a collector reads the one, a developer the other. */
function standardOutput(mode: Env["NODE_ENV"]): Destination {
  if (mode !== "development" || !process.stdout.isTTY) return pino.destination(1);
  return { write: (line) => process.stdout.write(readable(line)) };
}
