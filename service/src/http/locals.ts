import type { Principal } from "../auth/principal.js";
import type { ProblemCode } from "./problem.js";
import type { Route } from "./route.js";

/** What is known of a call along its way through Express: `response.locals`. */
export interface CallLocals {
  /** Set before anything else runs. */
  requestId: string;
  /** The row that answers; a call that no row takes has none. */
  route?: Pick<Route, "id" | "path">;
  principal?: Principal | undefined;
  /** The caller's, as far as proxies are believed. */
  address: string;
  /** Whom to tell that the call is over: answered, or its caller gone. */
  over?: () => void;
  /** What the caller is told went wrong. An answer that breaks off in the middle counts as this, not as its 200. */
  problem?: ProblemCode;
}

declare global {
  namespace Express {
    interface Locals extends CallLocals {}
  }
}
