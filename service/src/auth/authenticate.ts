import type { IncomingHttpHeaders } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import { Problem } from "../http/problem.js";
import type { Database } from "../storage/database.js";
import { type ApiKey, type KeyHashes, parseApiKey } from "./api-key.js";
import type { TokenVerifier } from "./jwt.js";
import { type CallerRole, OPERATING_TENANT, type Principal } from "./principal.js";

export interface KeyRow {
  readonly id: string;
  readonly tenant_id: string;
  readonly role: CallerRole;
  readonly scopes: readonly string[];
  readonly hash: Uint8Array;
  readonly pepper: number;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
}

/** A revoked key works on other replicas for this long at most; here it ends at once. */
const REMEMBERED_MS = 5000;
/** Every refusal takes this long, so that its time tells nothing of what was wrong. */
const REFUSAL_MS = 100;
const USED_EVERY_MS = 60_000;

/** How the id of a key's principal begins. */
const OF_KEY = "key:";

const isValid = ({ revoked_at, expires_at }: KeyRow): boolean =>
  revoked_at === null && (expires_at === null || expires_at.getTime() > Date.now());

/** `Authorization: Bearer` or `X-API-Key`. */
export function credentialIn(headers: IncomingHttpHeaders): string | undefined {
  const { authorization } = headers;
  if (authorization !== undefined) return /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? "";
  const key = headers["x-api-key"];
  return typeof key === "string" ? key : undefined;
}

/** From a credential to the principal behind it. */
export class Authenticator {
  readonly #rows = new LRUCache<string, { readonly row: KeyRow | undefined }>({ max: 10_000, ttl: REMEMBERED_MS });
  readonly #bootstrap: Buffer | undefined;
  readonly #used = new LRUCache<string, true>({ max: 10_000, ttl: USED_EVERY_MS });

  constructor(
    private readonly database: Database,
    private readonly hashes: KeyHashes,
    private readonly tokens: TokenVerifier | undefined,
    bootstrap: ApiKey | undefined,
  ) {
    this.#bootstrap = bootstrap === undefined ? undefined : hashes.hash(bootstrap);
  }

  /** Throws `unauthenticated` for whatever is not valid, and always after the same time. */
  async authenticate(credential: string | undefined): Promise<Principal> {
    const began = performance.now();
    const principal = credential === undefined ? undefined : await this.#principalOf(credential);
    if (principal !== undefined) return principal;
    await sleep(Math.max(0, began + REFUSAL_MS - performance.now()));
    throw new Problem(
      "unauthenticated",
      credential === undefined
        ? "no credential: send 'Authorization: Bearer <key>' or 'X-API-Key: <key>'"
        : "the credential is not valid, expired or revoked",
      { headers: { "WWW-Authenticate": "Bearer" } },
    );
  }

  /** For what outlives a call, such as a socket: whether its caller could still call. Only keys can be revoked. */
  async holds({ id, expiresAt }: Principal): Promise<boolean> {
    if (expiresAt !== undefined && expiresAt.getTime() <= Date.now()) return false;
    if (!id.startsWith(OF_KEY)) return true;
    const row = await this.#rowOf(id.slice(OF_KEY.length));
    return row !== undefined && isValid(row);
  }

  /** A key was changed here: the next call reads it anew. */
  forget(id: string): void {
    this.#rows.delete(id);
  }

  async #principalOf(credential: string): Promise<Principal | undefined> {
    const key = parseApiKey(credential);
    if (key !== undefined) return this.#bootstrapOf(key) ?? (await this.#ownerOf(key));
    // Longer ones are no token of anybody; checking them costs.
    return credential.length <= 8192 && credential.split(".").length === 3 ? this.tokens?.(credential) : undefined;
  }

  #bootstrapOf(key: ApiKey): Principal | undefined {
    if (this.#bootstrap === undefined || !this.hashes.matches(key, this.#bootstrap, this.hashes.current))
      return undefined;
    return { tenant: OPERATING_TENANT, id: `bootstrap:${key.id}`, role: "admin", scopes: ["*"] };
  }

  async #ownerOf(key: ApiKey): Promise<Principal | undefined> {
    const row = await this.#rowOf(key.id);
    // A key that is nobody's is hashed all the same.
    const matches = this.hashes.matches(
      key,
      Buffer.from(row?.hash ?? Buffer.alloc(32)),
      row?.pepper ?? this.hashes.current,
    );
    if (row === undefined || !matches || !isValid(row)) return undefined;
    this.#noteUse(key, row);
    return {
      tenant: row.tenant_id,
      id: `${OF_KEY}${row.id}`,
      role: row.role,
      scopes: row.scopes,
      ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
    };
  }

  async #rowOf(id: string): Promise<KeyRow | undefined> {
    const remembered = this.#rows.get(id);
    if (remembered !== undefined) return remembered.row;
    const [row] = await this.database.query<KeyRow>(
      "select id, tenant_id, role, scopes, hash, pepper, expires_at, revoked_at from api_keys where id = $1",
      [id],
    );
    this.#rows.set(id, { row });
    return row;
  }

  /** When it was last used, once a minute, and its hash under the newest pepper. No call waits or fails for it. */
  #noteUse(key: ApiKey, row: KeyRow): void {
    if (this.#used.has(row.id)) return;
    this.#used.set(row.id, true);
    const { current } = this.hashes;
    this.database
      .query("update api_keys set last_used_at = now(), hash = $2, pepper = $3 where id = $1", [
        row.id,
        this.hashes.hash(key),
        current,
      ])
      .then(
        () => this.forget(row.id),
        // A database that takes no writes now is asked again in a minute.
        () => {},
      );
  }
}

/** A valid row whose pepper is not in the ring can never match again: better not to start than to lock callers out. */
export async function missingPeppers(database: Database, hashes: KeyHashes): Promise<readonly number[]> {
  const rows = await database.query<{ readonly pepper: number }>(
    "select distinct pepper from api_keys where revoked_at is null and (expires_at is null or expires_at > now())",
  );
  return rows.map(({ pepper }) => pepper).filter((pepper) => !hashes.has(pepper));
}
