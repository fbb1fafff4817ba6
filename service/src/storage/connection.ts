import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import type pg from "pg";

/** What a URL can say about TLS. pg lets it win over everything else, so `sslmode=disable` would undo the CA. */
const tlsParameters = ["ssl", "sslmode", "sslrootcert", "sslcert", "sslkey", "uselibpqcompat"] as const;

/** To pg these mean verify-full, and it warns that they will not always: said as what is meant. */
const strictToPg: readonly (string | null)[] = ["prefer", "require", "verify-ca"];

/**
 * A URL as pg takes it. With a CA the connection is TLS, and the server's certificate and its name are checked, whatever
 * the URL says; `sslcert` and `sslkey`, our own certificate, are kept.
 */
export function connectionTo(variable: string, text: string, ca: string | undefined): pg.ClientConfig {
  const url = new URL(text);
  for (const part of [url.username, url.password])
    if (!isEncoded(part))
      throw new Error(`${variable}: the user or the password has a '%' that begins no escape; write it as %25`);
  const { searchParams } = url;
  if (ca === undefined) {
    if (strictToPg.includes(searchParams.get("sslmode")) && !searchParams.has("uselibpqcompat"))
      searchParams.set("sslmode", "verify-full");
    return { connectionString: url.href };
  }
  const own = (name: "sslcert" | "sslkey") => {
    const path = searchParams.get(name);
    return path === null ? undefined : readFileSync(path, "utf8");
  };
  const [cert, key] = [own("sslcert"), own("sslkey")];
  const ssl: ConnectionOptions = {
    ca,
    rejectUnauthorized: true,
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
  for (const name of tlsParameters) searchParams.delete(name);
  return { connectionString: url.href, ssl };
}

function isEncoded(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}
