import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "../../tools/cache.js";
import { command } from "../../tools/command.js";
import type { Blob, Layout } from "./archive.js";
import { folderOf } from "./parts.js";
import { registrySettings } from "./registry-settings.js";

export interface Dockerfile {
  readonly dockerfile: string;
  readonly context: string;
  readonly args: Readonly<Record<string, string>>;
  /** Archives of the base images, each with its name in it. */
  readonly bases: readonly string[];
}

/**
 * Carries a Dockerfile out with buildah, in a storage of its own beside the tools: layers and what npm and pip download
 * stay there for the next time. Leaves an OCI layout in a folder.
 */
export async function carryOut(file: Dockerfile, into: string): Promise<void> {
  const place = join(cacheRoot(), "buildah");
  mkdirSync(join(place, "temporary"), { recursive: true });
  const settings = mkdtempSync(join(place, "settings-"));
  try {
    await withSettings(place, settings, file, into);
  } finally {
    // What npm is told may say who we are.
    rmSync(settings, { recursive: true });
  }
}

async function withSettings(
  place: string,
  settings: string,
  { dockerfile, context, args, bases }: Dockerfile,
  into: string,
): Promise<void> {
  const write = (name: string, content: string): string => {
    writeFileSync(join(settings, name), content);
    return join(settings, name);
  };
  const policy = write("policy.json", JSON.stringify({ default: [{ type: "insecureAcceptAnything" }] }));
  const env = {
    ...process.env,
    TMPDIR: join(MOUNTED, "temporary"),
    // What this machine's own containers are told is no matter of ours.
    CONTAINERS_REGISTRIES_CONF: write("registries.conf", "unqualified-search-registries = []\n"),
    CONTAINERS_STORAGE_CONF: write("storage.conf", '[storage]\ndriver = "overlay"\n'),
    CONTAINERS_CONF: write("containers.conf", ""),
  };
  const buildah = (...words: readonly string[]): Promise<void> =>
    command("unshare", ["--mount", "sh", "-c", apart, "buildah", place, libraries(), program(), ...storage, ...words], {
      cwd: context,
      env,
    });
  const made = join(settings, "image");
  for (const base of bases) await buildah("pull", "--quiet", "--signature-policy", policy, `oci-archive:${base}`);
  await buildah(
    ...["bud", "--isolation", "chroot", "--pull-never", "--layers", "--jobs", "0", "--signature-policy", policy],
    // The same lines make the same digest.
    ...["--format", "oci", "--timestamp", "0", "--ulimit", "nofile=4096:4096"],
    ...registrySettings(settings).flatMap(([inside, here]) => ["--volume", `${here}:${inside}:ro`]),
    ...Object.entries(args).flatMap(([key, value]) => ["--build-arg", `${key}=${value}`]),
    ...["--file", dockerfile, "--iidfile", made, context],
  );
  await buildah("push", "--quiet", "--signature-policy", policy, readFileSync(made, "utf8"), `oci:${into}`);
}

/** What it left there; a folder of blobs is one level deeper. */
export function builtIn(folder: string): Layout {
  const { manifests } = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as {
    readonly manifests: readonly Blob[];
  };
  const [manifest] = manifests;
  if (manifest === undefined) throw new Error(`${folder} has no image`);
  return { folder: join(folder, "blobs", "sha256"), manifest };
}

const program = (): string => join(folderOf("buildah"), "usr/bin/buildah");

const libraries = (): string => join(folderOf("buildah"), "usr/lib", `${triplets[process.arch]}`);

/** Debian's names of Node's machines. */
const triplets: Readonly<Record<string, string>> = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };

/**
 * Where its storage is to be seen: below /root/.cache, clearing up a cache that a RUN mounts there, it would delete the
 * whole file system of the container.
 */
const MOUNTED = "/media";

const storage = [
  ...["--root", `${MOUNTED}/storage`, "--runroot", `${MOUNTED}/run`],
  ...["--storage-driver", "overlay"],
];

/**
 * In a mount namespace, which takes along whatever a build that is cut off has mounted. It starts itself again for each
 * RUN, without the variable that says where its libraries are: for it they lie among the machine's.
 */
const apart = [
  `mount --bind "$1" ${MOUNTED}`,
  'own=$2 machines=/usr/lib/$(basename "$2")',
  'mount -t overlay libraries -o "lowerdir=$machines:$own" "$machines"',
  "shift 2",
  'exec "$@"',
].join(" && ");
