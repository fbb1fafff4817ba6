import type { KeyHashes } from "./auth/api-key.js";
import type { Authenticator } from "./auth/authenticate.js";
import type { Env } from "./env.js";
import type { Limits } from "./http/limits.js";
import type { Lifecycle } from "./lifecycle.js";
import type { Models } from "./models/open.js";
import type { Modes } from "./modes.js";
import type { ObjectStore } from "./objects/store.js";
import type { Readiness } from "./readiness.js";
import type { Database } from "./storage/database.js";
import type { Telemetry } from "./telemetry/telemetry.js";

/** What the faces use. `start.ts` makes it of the environment; a test may put in parts of its own. */
export interface Services {
  readonly env: Env;
  readonly version: string;
  /** OpenAPI of what this process serves. */
  readonly openApi: object;
  readonly telemetry: Telemetry;
  readonly lifecycle: Lifecycle;
  readonly readiness: Readiness;
  readonly database: Database;
  readonly objects: ObjectStore;
  readonly modes: Modes;
  readonly models: Models;
  readonly limits: Limits;
  readonly keys: KeyHashes;
  readonly authenticator: Authenticator;
}
