import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from "jose";
import type { Env } from "../env.js";
import { Problem } from "../http/problem.js";
import { type CallerRole, callerRoles, mayAct, OPERATING_TENANT, type Principal } from "./principal.js";

/** Undefined: the token is not valid, whatever the reason. Throws only where that can't be told now. */
export type TokenVerifier = (token: string) => Promise<Principal | undefined>;

/** Tokens of an issuer with public keys, or of one that shares a secret; `undefined` where neither is set. */
export function createTokenVerifier(env: Env): TokenVerifier | undefined {
  const options: JWTVerifyOptions = {
    requiredClaims: ["sub", "exp"],
    clockTolerance: 5,
    ...(env.JWT_ISSUER === undefined ? {} : { issuer: env.JWT_ISSUER }),
    ...(env.JWT_AUDIENCE === undefined ? {} : { audience: env.JWT_AUDIENCE }),
  };
  if (env.JWKS_URL !== undefined) {
    // An unknown kid makes one fetch; the cooldown keeps strangers from making more of them.
    const keys = createRemoteJWKSet(new URL(env.JWKS_URL), { timeoutDuration: 3000, cooldownDuration: 30_000 });
    // The list is what stands against alg confusion: a public key can't be used as an HMAC secret.
    return (token) => principalOf(jwtVerify(token, keys, { ...options, algorithms: ["RS256", "ES256"] }));
  }
  if (env.JWT_SECRET !== undefined) {
    const secret = new TextEncoder().encode(env.JWT_SECRET);
    return (token) => principalOf(jwtVerify(token, secret, { ...options, algorithms: ["HS256"] }));
  }
  return undefined;
}

async function principalOf(verified: Promise<{ readonly payload: JWTPayload }>): Promise<Principal | undefined> {
  try {
    const { payload } = await verified;
    return fromClaims(payload);
  } catch (error) {
    if (isAboutTheToken(error)) return undefined;
    throw new Problem("unavailable", "the token can't be checked now: its issuer's keys can't be fetched", {
      retryAfter: 5,
      cause: error,
    });
  }
}

/** What jose says of a token, and not of fetching keys. */
const isAboutTheToken = (error: unknown): boolean =>
  error instanceof errors.JWTInvalid ||
  error instanceof errors.JWTExpired ||
  error instanceof errors.JWTClaimValidationFailed ||
  error instanceof errors.JWSInvalid ||
  error instanceof errors.JWSSignatureVerificationFailed ||
  error instanceof errors.JOSEAlgNotAllowed ||
  error instanceof errors.JOSENotSupported ||
  error instanceof errors.JWKInvalid ||
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  (error instanceof TypeError && !("cause" in error && error.cause !== undefined) && error.message !== "fetch failed");

const NAME = /^[A-Za-z0-9._:@|/+=-]{1,128}$/;

/** Claims: `sub`, `role` or `roles` (the highest counts), `tenant` or `tenant_id`, `scope` (words). Least by default. */
function fromClaims(payload: JWTPayload): Principal | undefined {
  const tenant = payload["tenant"] ?? payload["tenant_id"] ?? OPERATING_TENANT;
  if (typeof tenant !== "string" || !NAME.test(tenant) || !NAME.test(payload.sub ?? "")) return undefined;
  const named = [payload["role"], payload["roles"]].flat();
  const known = callerRoles.filter((role) => named.includes(role));
  const role = known.reduce<CallerRole>((best, one) => (mayAct(one, best) ? one : best), "viewer");
  const scope = payload["scope"];
  return {
    tenant,
    id: `jwt:${payload.sub}`,
    role,
    scopes: typeof scope === "string" && scope.trim() !== "" ? scope.trim().split(/\s+/) : ["*"],
    ...(payload.exp === undefined ? {} : { expiresAt: new Date(payload.exp * 1000) }),
  };
}
