import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runFolder } from "./run-folder.js";

/** An authority, and the certificate of a server on 127.0.0.1 that it signed. */
export interface Certificates {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

const made = new Map<string, Certificates>();

/** One authority for all servers of a run; another name is another authority, whom nobody knows. */
export function certificates(authority = "tests"): Certificates {
  const known = made.get(authority);
  if (known !== undefined) return known;
  const fresh = make(authority);
  made.set(authority, fresh);
  return fresh;
}

function make(authority: string): Certificates {
  const folder = join(runFolder(), `authority-${authority}`);
  const file = (name: string) => join(folder, name);
  mkdirSync(folder, { mode: 0o700 });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const settings = file("openssl.cnf");
  // Its own settings: the machine's may ask for names, or for extensions of its own.
  writeFileSync(
    settings,
    [
      "[req]",
      "prompt = no",
      "distinguished_name = name",
      "[name]",
      `CN = authority ${authority}`,
      "[authority]",
      "basicConstraints = critical, CA:true",
      "keyUsage = critical, keyCertSign",
      "[server]",
      "subjectAltName = IP:127.0.0.1, DNS:localhost",
      "extendedKeyUsage = serverAuth",
      "",
    ].join("\n"),
  );
  const ca = ["-x509", "-days", "2", "-config", settings, "-extensions", "authority"];
  openssl("req", ...ca, ...newKey, "-keyout", file("ca.key"), "-out", file("ca.crt"));
  const request = ["-new", "-config", settings, "-subj", "/CN=127.0.0.1"];
  openssl("req", ...request, ...newKey, "-keyout", file("server.key"), "-out", file("server.csr"));
  const signing = ["-req", "-days", "2", "-CA", file("ca.crt"), "-CAkey", file("ca.key"), "-CAcreateserial"];
  const extensions = ["-extfile", settings, "-extensions", "server"];
  openssl("x509", ...signing, ...extensions, "-in", file("server.csr"), "-out", file("server.crt"));
  return { ca: file("ca.crt"), certificate: file("server.crt"), key: file("server.key") };
}

function openssl(...options: readonly string[]): void {
  const { status, stderr, error } = spawnSync("openssl", options, { encoding: "utf8" });
  if (error !== undefined)
    throw new Error(
      "tests with TLS make their certificates with openssl, which is not on PATH: apt-get install openssl",
    );
  if (status !== 0) throw new Error(`openssl ${options[0]} ended with ${status}:\n${stderr}`);
}
