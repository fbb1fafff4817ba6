import type { Env } from "./env.js";
import { Problem } from "./http/problem.js";
import type { FaceName } from "./roles.js";
import type { Database, Queryable } from "./storage/database.js";
import type { Log } from "./telemetry/logs.js";

export const modeNames = ["read_only", "maintenance"] as const;
export type ModeName = (typeof modeNames)[number];

export interface Mode {
  readonly enabled: boolean;
  /** Set by the environment: then nobody can switch it off at run time. */
  readonly source: "environment" | "run time" | "default";
  readonly reason: string | null;
  readonly changedBy: string | null;
  readonly changedAt: string | null;
}

interface ModeRow {
  readonly name: ModeName;
  readonly enabled: boolean;
  readonly reason: string | null;
  readonly changed_by: string;
  readonly changed_at: Date;
}

const OFF: Mode = { enabled: false, source: "default", reason: null, changedBy: null, changedAt: null };
/** Another replica's switch is seen within this. */
const POLL_MS = 2000;
const RETRY_SECONDS = 30;

/** Read-only and maintenance: by the environment for one process, or at run time for all that share the database. */
export class Modes {
  #modes: { readonly [M in ModeName]: Mode };
  readonly #fixed: { readonly [M in ModeName]: boolean };
  #timer: NodeJS.Timeout | undefined;

  constructor(
    env: Pick<Env, "READ_ONLY_MODE" | "MAINTENANCE_MODE">,
    private readonly database: Database,
  ) {
    this.#fixed = { read_only: env.READ_ONLY_MODE, maintenance: env.MAINTENANCE_MODE };
    this.#modes = { read_only: this.#told("read_only"), maintenance: this.#told("maintenance") };
  }

  get all(): { readonly [M in ModeName]: Mode } {
    return this.#modes;
  }

  /** Follows what other replicas switch; with the database away, what was last known holds. */
  follow(log: Log): void {
    this.#timer = setInterval(() => {
      this.read().catch((error: Error) => log.debug({ err: error }, "modes could not be read"));
    }, POLL_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async read(from: Queryable = this.database): Promise<void> {
    const rows = await from.query<ModeRow>("select name, enabled, reason, changed_by, changed_at from modes");
    const row = (name: ModeName) =>
      this.#told(
        name,
        rows.find((one) => one.name === name),
      );
    this.#modes = { read_only: row("read_only"), maintenance: row("maintenance") };
  }

  async switch(
    to: { readonly [M in ModeName]?: boolean | undefined },
    reason: string,
    by: string,
    transaction: Queryable,
  ): Promise<void> {
    for (const name of modeNames) {
      const enabled = to[name];
      if (enabled === undefined) continue;
      await transaction.query(
        `insert into modes (name, enabled, reason, changed_by, changed_at) values ($1, $2, $3, $4, now())
         on conflict (name) do update set enabled = $2, reason = $3, changed_by = $4, changed_at = now()`,
        [name, enabled, reason === "" ? null : reason, by],
      );
    }
  }

  /** Throws where a mode that is on refuses the route. */
  admit({ face, mode }: { readonly face: FaceName; readonly mode: "read" | "write" | "control" }): void {
    if (this.#modes.maintenance.enabled && face !== "open" && face !== "admin") this.#refuse("maintenance");
    if (this.#modes.read_only.enabled && mode === "write") this.#refuse("read_only");
  }

  #refuse(name: ModeName): never {
    const what = { maintenance: "is in maintenance", read_only: "takes no writes for now" }[name];
    const { reason } = this.#modes[name];
    throw new Problem(name, `the service ${what}${reason === null ? "" : `: ${reason}`}`, {
      retryAfter: RETRY_SECONDS,
    });
  }

  #told(name: ModeName, row?: ModeRow): Mode {
    if (this.#fixed[name]) return { ...OFF, enabled: true, source: "environment" };
    if (row === undefined) return OFF;
    return {
      enabled: row.enabled,
      source: "run time",
      reason: row.reason,
      changedBy: row.changed_by,
      changedAt: row.changed_at.toISOString(),
    };
  }
}
