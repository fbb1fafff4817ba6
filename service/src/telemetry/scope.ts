import { AsyncLocalStorage } from "node:async_hooks";
import type { Principal } from "../auth/principal.js";
import type { TraceContext } from "./trace-context.js";

/** What every line logged within a call says of the call. */
export interface Scope {
  readonly requestId?: string;
  readonly trace?: TraceContext;
  /** A function, because the caller is known only some way into the call. */
  readonly principal?: () => Principal | undefined;
}

export const scopes = new AsyncLocalStorage<Scope>();

/** Only those that are known: what is not there replaces nothing. */
export function scopeFields(scope: Scope = scopes.getStore() ?? {}): ScopeFields {
  const { requestId, trace } = scope;
  const principal = scope.principal?.();
  return {
    ...(requestId === undefined ? {} : { requestId }),
    ...(trace === undefined ? {} : { traceId: trace.traceId, spanId: trace.spanId }),
    ...(principal === undefined ? {} : { tenant: principal.tenant, principal: principal.id }),
  };
}

export interface ScopeFields {
  readonly requestId?: string;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly tenant?: string;
  readonly principal?: string;
}
