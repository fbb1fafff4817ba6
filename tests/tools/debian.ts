import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join, relative } from "node:path";
import { command } from "./command.js";
import type { Tool } from "./kind.js";
import { cacheRoot, filesIn, fillWhole, placeOf } from "./place.js";

/**
 * A program of a Debian release, unpacked into the cache with its libraries and never installed: no root, and any
 * release of the machine will do. A mirror keeps only the newest build of a release, so that the release and the
 * package's name pin the major; `versions.txt` in the folder says what was found.
 */
export interface DebianRow {
  readonly name: string;
  readonly release: string;
  /** The first one gives the version. */
  readonly packages: readonly string[];
  /** What the packages depend on for being installed, and do not need for running. */
  readonly without: readonly string[];
  /** Folders that are not kept. */
  readonly drop: readonly string[];
  /** Its programs' folder. */
  readonly bin: string;
  /**
   * Whose C library runs it. A program that starts itself again, as container engines do, finds itself only under the
   * machine's loader. @default "own"
   */
  readonly libc?: "own" | "machine";
  /** The first one is the tool, the others are beside it. */
  readonly programs: readonly [string, ...string[]];
  readonly minutes: number;
}

export function debian(row: DebianRow): Tool {
  const { minutes, ...built } = row;
  const folder = (): string => placeOf(`${row.name}-${row.release}`, [built, process.platform, process.arch]);
  const path = (): string => join(folder(), row.bin, row.programs[0]);
  return {
    kind: "debian",
    minutes,
    version: () => foundVersion(folder(), row.packages[0] ?? "") ?? `of ${row.release}`,
    folder,
    path,
    here: () => existsSync(path()),
    lacks: lacksDebian,
    bring: (show) => fillWhole(folder(), (unfinished) => install(row, unfinished, basename(folder()), show)),
  };
}

const versionsFile = "versions.txt";

/** `libssl3t64_3.5.7-1~deb13u2_amd64.deb`: apt writes a colon as %3a. */
function foundVersion(folder: string, name: string): string | undefined {
  const file = join(folder, versionsFile);
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  return lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
}

async function install(row: DebianRow, tree: string, title: string, show: (state: string) => void): Promise<void> {
  // Outside the unfinished tree, so that an interrupted download goes on.
  const downloads = join(cacheRoot(), "downloads", title);
  const options = aptOptions(row, downloads);
  show("reading the release");
  await command("apt-get", [...options, "update"]);
  show("downloading");
  await command("apt-get", [...options, "install", "--yes", "--download-only", ...row.packages]);
  const archives = filesIn(join(downloads, "archives")).filter((file) => file.endsWith(".deb"));
  for (const [index, archive] of archives.entries()) {
    show(`unpacking ${index + 1} of ${archives.length}`);
    await command("dpkg-deb", ["-x", archive, tree]);
  }
  for (const unused of ["usr/share/doc", "usr/share/man", "usr/share/locale", ...row.drop]) {
    rmSync(join(tree, unused), { recursive: true, force: true });
  }
  for (const program of row.programs) wrap(tree, row, program);
  const versions = archives.map((file) => decodeURIComponent(basename(file)).split("_").slice(0, 2).join(" "));
  writeFileSync(join(tree, versionsFile), `${versions.join("\n")}\n`);
  rmSync(downloads, { recursive: true, force: true });
}

/** An apt of its own beside the machine's: it knows one release, and takes what is `without` for installed. */
function aptOptions(row: DebianRow, downloads: string): readonly string[] {
  const file = (name: string) => join(downloads, name);
  for (const folder of ["lists/partial", "archives/partial"]) mkdirSync(file(folder), { recursive: true });
  const architecture = said("dpkg", ["--print-architecture"]).trim();
  writeFileSync(file("sources.list"), `deb [signed-by=${keyring()}] ${mirror()} ${row.release} main\n`);
  const installed = row.without.map((name) =>
    [
      `Package: ${name}`,
      "Status: install ok installed",
      "Maintainer: none",
      `Architecture: ${architecture}`,
      "Multi-Arch: allowed",
      "Version: 999:0",
      "Description: left out\n\n",
    ].join("\n"),
  );
  writeFileSync(file("status"), installed.join(""));
  return [
    ["Dir::Etc::SourceList", file("sources.list")],
    ["Dir::Etc::SourceParts", "/dev/null"],
    ["Dir::Etc::Preferences", "/dev/null"],
    ["Dir::Etc::PreferencesParts", "/dev/null"],
    ["Dir::State", downloads],
    ["Dir::State::Lists", file("lists")],
    ["Dir::State::Status", file("status")],
    ["Dir::Cache", downloads],
    ["Dir::Cache::Archives", file("archives")],
    ["APT::Architecture", architecture],
    ["APT::Architectures", architecture],
    ["APT::Install-Recommends", "false"],
    // Started by root, apt would download as another user, who cannot write here.
    ["APT::Sandbox::User", "root"],
    ["Acquire::Languages", "none"],
    ["Acquire::Retries", "3"],
    // Else a mirror that does not answer is a warning, and the package is then not known.
    ["APT::Update::Error-Mode", "any"],
  ].flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

/** Its own libraries run it, whatever the machine's are. What it starts is looked for beside it. */
function wrap(tree: string, { bin, libc = "own" }: DebianRow, program: string): void {
  const path = join(tree, bin, program);
  renameSync(path, `${path}.bin`);
  const libraries = librariesIn(tree);
  const script = [
    "#!/bin/sh",
    'here=$(dirname "$(readlink -f "$0")")',
    `tree=$here/${relative(bin, ".")}`,
    `libraries=${libraries.map((folder) => `$tree/${folder}`).join(":")}`,
    ...(libc === "own" ? withOwnLoader(tree, libraries) : withMachinesLoader),
  ];
  writeFileSync(path, `${script.map((line) => line.replaceAll("PROGRAM", program)).join("\n")}\n`);
  chmodSync(path, 0o755);
}

const librariesIn = (tree: string): readonly string[] =>
  ["lib", "usr/lib"]
    .filter((folder) => existsSync(join(tree, folder)))
    .flatMap((folder) =>
      readdirSync(join(tree, folder))
        .filter((name) => name.endsWith("-linux-gnu"))
        .map((name) => `${folder}/${name}`),
    );

function withOwnLoader(tree: string, libraries: readonly string[]): readonly string[] {
  const loader = libraries
    .flatMap((folder) => readdirSync(join(tree, folder)).map((name) => `${folder}/${name}`))
    .find((file) => /\/ld-linux-[^/]*\.so\.\d+$/.test(file));
  if (loader === undefined) throw new Error(`${tree} has no loader`);
  return [
    `exec "$tree/${loader}" --library-path "$libraries" \\`,
    '  --argv0 "$here/PROGRAM" "$here/PROGRAM.bin" "$@"',
  ];
}

const withMachinesLoader = [
  'export LD_LIBRARY_PATH="$libraries" PATH="$tree/usr/bin:$tree/usr/sbin:$PATH"',
  'exec "$here/PROGRAM.bin" "$@"',
];

const keyrings = ["/usr/share/keyrings/debian-archive-keyring.pgp", "/usr/share/keyrings/debian-archive-keyring.gpg"];
const keyring = (): string | undefined => keyrings.find((file) => existsSync(file));

/** The one that this machine's own Debian comes from. */
function mirror(): string | undefined {
  const told = process.env["DEBIAN_MIRROR"];
  if (told !== undefined) return told;
  const release = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
  const debian = /^ID=debian$/m.test(readFileSync("/etc/os-release", "utf8"));
  const [, uri] = new RegExp(`^'(\\S+)/dists/${release}/`, "m").exec(said("apt-get", ["update", "--print-uris"])) ?? [];
  return debian ? uri : undefined;
}

const said = (program: string, options: readonly string[]): string =>
  spawnSync(program, options, { encoding: "utf8" }).stdout ?? "";

function lacksDebian(): string | undefined {
  const absent = ["apt-get", "dpkg", "dpkg-deb"].filter((program) => spawnSync(program, ["--version"]).status !== 0);
  if (absent.length > 0) return `needs Debian or Ubuntu (${absent.join(", ")} not on PATH)`;
  if (keyring() === undefined) return "needs the keys of Debian: apt-get install debian-archive-keyring";
  if (mirror() === undefined) return "needs a mirror of Debian: set DEBIAN_MIRROR=http://HOST/debian";
  return undefined;
}
