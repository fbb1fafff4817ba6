/** Who calls: a credential belongs to a principal, a principal to a tenant, and no row of another tenant is seen. */
export const callerRoles = ["viewer", "operator", "admin"] as const;
export type CallerRole = (typeof callerRoles)[number];

export interface Principal {
  readonly tenant: string;
  /** Stable, for audit and limits: `key:<id>`, `jwt:<subject>`, `bootstrap:<id>`. */
  readonly id: string;
  readonly role: CallerRole;
  /** `templates:read`, `objects:write`, ...; `*` is everything that the role may. */
  readonly scopes: readonly string[];
  /** When the credential ends, for what outlives a call, such as a socket. */
  readonly expiresAt?: Date;
}

/** The tenant of whoever runs the service: its admins switch modes and make keys for other tenants. */
export const OPERATING_TENANT = "default";

/** Each role may what the ones before it may. */
export const mayAct = (role: CallerRole, asked: CallerRole): boolean =>
  callerRoles.indexOf(role) >= callerRoles.indexOf(asked);

export const inScope = (scopes: readonly string[], asked: string): boolean =>
  scopes.includes("*") || scopes.includes(asked);
