import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { connectionTo } from "../../../service/src/storage/connection.js";
import { migrationFiles } from "./bare.js";

const ca = "-----BEGIN CERTIFICATE-----";
const at = (query: string) => `postgres://me:secret@db.example:6432/agents${query}`;
/** What pg makes of it, the URL's own part included. */
const tlsOf = (query: string, given?: string) => new pg.Client(connectionTo("DATABASE_URL", at(query), given)).ssl;

describe("a connection to PostgreSQL", () => {
  for (const query of [
    "",
    "?sslmode=disable",
    "?sslmode=no-verify",
    "?ssl=0",
    "?ssl=false&application_name=x",
    "?uselibpqcompat=true&sslmode=require",
    "?sslrootcert=/nowhere",
  ])
    it(`checks the server's certificate and name where a CA is given, whatever '${query}' says`, () => {
      assert.deepEqual(tlsOf(query, ca), { ca, rejectUnauthorized: true });
    });

  it("keeps our own certificate and everything else that the URL says", () => {
    const folder = migrationFiles({ cert: "our certificate", key: "our key" });
    const url = at(`?sslcert=${join(folder, "cert")}&sslkey=${join(folder, "key")}&options=-c%20geqo%3Doff`);
    const client = new pg.Client(connectionTo("DATABASE_URL", url, ca));
    assert.deepEqual(client.ssl, { ca, rejectUnauthorized: true, cert: "our certificate" });
    // pg hides it from whoever lists the fields.
    assert.equal(Reflect.get(Object(client.ssl), "key"), "our key");
    assert.deepEqual(
      [client.host, client.port, client.user, client.password, client.database],
      ["db.example", 6432, "me", "secret", "agents"],
    );
    assert.equal(
      new URL(connectionTo("DATABASE_URL", url, ca).connectionString ?? "").search,
      "?options=-c+geqo%3Doff",
    );
    rmSync(folder, { recursive: true });
  });

  it("is as the URL says where no CA is given", () => {
    assert.equal(tlsOf(""), false);
    assert.equal(tlsOf("?sslmode=disable"), false);
    assert.deepEqual(tlsOf("?sslmode=no-verify"), { rejectUnauthorized: false });
    for (const mode of ["prefer", "require", "verify-ca", "verify-full"])
      assert.deepEqual(tlsOf(`?sslmode=${mode}`), {});
  });

  it("keeps a password as it was written", () => {
    const url = "postgres://me:p%40ss%2F%25%5E%7Cw@db/agents";
    for (const given of [undefined, ca])
      assert.equal(new pg.Client(connectionTo("DATABASE_URL", url, given)).password, "p@ss/%^|w");
  });

  it("says which URL has a password that can't be read, and not the password", () => {
    assert.throws(() => connectionTo("DATABASE_READ_URLS", "postgres://me:100%sure@db/agents", undefined), {
      message: "DATABASE_READ_URLS: the user or the password has a '%' that begins no escape; write it as %25",
    });
  });
});
