import assert from "node:assert/strict";
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { createTokenVerifier, type TokenVerifier } from "../../../service/src/auth/jwt.js";
import { loadEnv } from "../../../service/src/env.js";
import { type Listening, listening } from "../support/listening.js";

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;

const SECRET = "a secret of more than thirty-two characters";
const soon = () => Math.floor(Date.now() / 1000) + 600;
const claims = (more: JWTPayload = {}): JWTPayload => ({ sub: "ada", exp: soon(), ...more });

/** Serves public keys and counts how often they are fetched. */
class Issuer {
  keys: object[] = [];
  fetched = 0;
  status = 200;
  #server: Listening | undefined;

  async start(): Promise<string> {
    this.#server = await listening((_, response) => {
      this.fetched += 1;
      response.writeHead(this.status, { "Content-Type": "application/json" }).end(JSON.stringify({ keys: this.keys }));
    });
    return `${this.#server.url}/jwks`;
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }
}

async function verifierOf(settings: Record<string, string>): Promise<TokenVerifier> {
  const verifier = createTokenVerifier(loadEnv(settings));
  assert.ok(verifier);
  return verifier;
}

describe("tokens of an issuer with public keys", () => {
  let issuer: Issuer;
  let url: string;
  let rsa: Pair;
  let ec: Pair;
  before(async () => {
    rsa = await generateKeyPair("RS256", { extractable: true });
    ec = await generateKeyPair("ES256", { extractable: true });
  });
  beforeEach(async () => {
    issuer = new Issuer();
    issuer.keys = [
      { ...(await exportJWK(rsa.publicKey)), kid: "rsa", alg: "RS256" },
      { ...(await exportJWK(ec.publicKey)), kid: "ec", alg: "ES256" },
    ];
    url = await issuer.start();
  });
  afterEach(() => issuer.stop());

  const sign = (payload: JWTPayload, alg: "RS256" | "ES256" = "RS256", kid = alg === "RS256" ? "rsa" : "ec") =>
    new SignJWT(payload).setProtectedHeader({ alg, kid }).sign(alg === "RS256" ? rsa.privateKey : ec.privateKey);

  it("are accepted by RS256 and ES256, with their claims", async () => {
    const verify = await verifierOf({ JWKS_URL: url });
    const exp = soon();
    const token = await sign({ sub: "ada", exp, roles: ["operator", "else"], tenant: "acme", scope: "templates:read" });
    assert.deepEqual(await verify(token), {
      tenant: "acme",
      id: "jwt:ada",
      role: "operator",
      scopes: ["templates:read"],
      expiresAt: new Date(exp * 1000),
    });
    assert.equal((await verify(await sign(claims({ role: "admin" }), "ES256")))?.role, "admin");
  });

  it("without claims are a viewer of the default tenant", async () => {
    const verify = await verifierOf({ JWKS_URL: url });
    const principal = await verify(await sign(claims()));
    assert.deepEqual([principal?.tenant, principal?.role, principal?.scopes], ["default", "viewer", ["*"]]);
  });

  it("are refused when they are expired, not yet valid, nobody's, or without an end", async () => {
    const verify = await verifierOf({ JWKS_URL: url });
    const now = Math.floor(Date.now() / 1000);
    for (const payload of [
      { sub: "ada", exp: now - 60 },
      { sub: "ada", exp: now + 600, nbf: now + 300 },
      { exp: now + 600 },
      { sub: "ada" },
      { sub: "a\nb", exp: now + 600 },
      { sub: "ada", exp: now + 600, tenant: "../x y" },
      { sub: "ada", exp: now + 600, tenant: 7 },
    ])
      assert.equal(await verify(await sign(payload as JWTPayload)), undefined, JSON.stringify(payload));
  });

  it("are refused when they are of another issuer or for somebody else", async () => {
    const verify = await verifierOf({ JWKS_URL: url, JWT_ISSUER: "https://issuer.example", JWT_AUDIENCE: "agents" });
    const good = { iss: "https://issuer.example", aud: "agents" };
    assert.ok(await verify(await sign(claims(good))));
    assert.equal(await verify(await sign(claims({ ...good, iss: "https://other.example" }))), undefined);
    assert.equal(await verify(await sign(claims({ ...good, aud: "others" }))), undefined);
    assert.equal(await verify(await sign(claims())), undefined);
  });

  it("are refused when they are forged: no signature, another key, a changed claim", async () => {
    const verify = await verifierOf({ JWKS_URL: url });
    assert.equal(await verify(new UnsecuredJWT(claims({ role: "admin" })).encode()), undefined);
    const other = await generateKeyPair("RS256");
    const forged = await new SignJWT(claims()).setProtectedHeader({ alg: "RS256", kid: "rsa" }).sign(other.privateKey);
    assert.equal(await verify(forged), undefined);
    const [head, , signature] = (await sign(claims())).split(".");
    const body = Buffer.from(JSON.stringify(claims({ role: "admin" }))).toString("base64url");
    assert.equal(await verify(`${head}.${body}.${signature}`), undefined);
    for (const text of ["a.b.c", "..", `${head}..${signature}`]) assert.equal(await verify(text), undefined, text);
  });

  it("are refused when the public key is used as a shared secret", async () => {
    const verify = await verifierOf({ JWKS_URL: url, JWT_SECRET: SECRET });
    const publicKey = new TextEncoder().encode(await exportSPKI(rsa.publicKey));
    for (const secret of [publicKey, new TextEncoder().encode(SECRET)]) {
      const token = await new SignJWT(claims({ role: "admin" }))
        .setProtectedHeader({ alg: "HS256", kid: "rsa" })
        .sign(secret);
      assert.equal(await verify(token), undefined);
    }
  });

  it("of a key that the issuer has turned to are accepted, and strangers' key names fetch no more", async () => {
    const [, second] = issuer.keys;
    issuer.keys = issuer.keys.slice(0, 1);
    const verify = await verifierOf({ JWKS_URL: url });
    assert.ok(await verify(await sign(claims())));
    assert.equal(issuer.fetched, 1);
    for (const kid of ["x", "y", "z"]) assert.equal(await verify(await sign(claims(), "RS256", kid)), undefined);
    assert.ok(issuer.fetched <= 2, `${issuer.fetched} fetches`);
    issuer.keys = second === undefined ? [] : [second];
    const fresh = await verifierOf({ JWKS_URL: url });
    assert.ok(await fresh(await sign(claims(), "ES256")));
  });

  it("can't be told while the issuer is away", async () => {
    issuer.status = 500;
    const verify = await verifierOf({ JWKS_URL: url });
    await assert.rejects(verify(await sign(claims())), {
      code: "unavailable",
      message: "the token can't be checked now: its issuer's keys can't be fetched",
    });
    await issuer.stop();
    const gone = await verifierOf({ JWKS_URL: url });
    await assert.rejects(gone(await sign(claims())), { code: "unavailable" });
  });
});

describe("tokens with a shared secret", () => {
  const sign = (alg: string, secret = SECRET) =>
    new SignJWT(claims({ role: "operator" })).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));

  it("are accepted by HS256 alone", async () => {
    const verify = await verifierOf({ JWT_SECRET: SECRET });
    assert.equal((await verify(await sign("HS256")))?.role, "operator");
    assert.equal(await verify(await sign("HS384")), undefined);
    assert.equal(await verify(await sign("HS256", `${SECRET}!`)), undefined);
  });

  it("are nothing where none is set", () => {
    assert.equal(createTokenVerifier(loadEnv({})), undefined);
  });
});
