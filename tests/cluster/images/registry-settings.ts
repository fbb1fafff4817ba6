import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * How this machine's npm and pip reach their registries, as files for the length of a build: where they lie in a
 * container, and where here. Nothing of it is in the image.
 */
export function registrySettings(folder: string): readonly (readonly [inside: string, here: string])[] {
  const write = (name: string, lines: readonly string[]): string => {
    const path = join(folder, name);
    writeFileSync(path, `${lines.join("\n")}\n`, { mode: 0o600 });
    return path;
  };
  const certificates = certificatesHere();
  return [
    ...(certificates === undefined ? [] : [[CERTIFICATES, certificates] as const]),
    ["/root/.npmrc", write("npmrc", npmLines(certificates !== undefined))],
    ["/etc/pip.conf", write("pip.conf", pipLines(certificates !== undefined))],
  ];
}

/** Where Debian's programs look. */
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

const certificatesHere = (): string | undefined =>
  [process.env["NODE_EXTRA_CA_CERTS"], process.env["SSL_CERT_FILE"], CERTIFICATES].find(
    (path) => path !== undefined && existsSync(path),
  );

/** Where it keeps things, and the certificates, are other places in there. */
const own = /^\s*(cache|cafile|prefix|globalconfig|userconfig)\s*=/;

function npmLines(certificates: boolean): readonly string[] {
  const files = ["globalconfig", "userconfig"].map((name) => said("npm", ["config", "get", name]));
  const written = files.filter(existsSync).flatMap((file) => readFileSync(file, "utf8").split("\n"));
  return [
    `registry=${said("npm", ["config", "get", "registry"])}`,
    ...(certificates ? [`cafile=${CERTIFICATES}`] : []),
    ...written.filter((line) => line.trim() !== "" && !own.test(line)),
  ];
}

const reaches = ["index-url", "extra-index-url", "trusted-host", "proxy", "timeout", "retries"];

function pipLines(certificates: boolean): readonly string[] {
  // `global.index-url='https://...'`, and `:env:.` where a variable says it.
  const settings = said("python3", ["-m", "pip", "config", "list"]).split("\n");
  const kept = settings.flatMap((line) => {
    const [, name = "", value = ""] = /^[^=]*\.([\w-]+)='(.*)'$/.exec(line) ?? [];
    return reaches.includes(name) ? [`${name} = ${value}`] : [];
  });
  return ["[global]", ...(certificates ? [`cert = ${CERTIFICATES}`] : []), ...kept];
}

const said = (program: string, words: readonly string[]): string =>
  (spawnSync(program, words, { encoding: "utf8" }).stdout ?? "").trim();
