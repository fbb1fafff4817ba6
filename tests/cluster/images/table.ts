import { tool } from "../../tools/cache.js";
import { architectureOf, type Config } from "./archive.js";
import { type Entry, folder, link, program, text, tree } from "./entries.js";
import { modelProgram } from "./model/bundle.js";
import { busybox, cLibrary, folderOf, node, skeleton } from "./parts.js";
import { modelImage, namesOf, nodeImages, programImages } from "./references.js";

/** An image that is made of parts at hand, as near to the published one as its manifests can tell. */
export interface ImageRow {
  /** By which containerd has it; a short name in a manifest is docker.io's. */
  readonly references: readonly string[];
  readonly config: Config;
  /** The lowest first. */
  readonly layers: () => readonly (readonly Entry[])[];
}

/** Ends at once when it is told to; the first process of a container is not ended by a signal that it does not take. */
const wait = 'trap "exit 0" TERM INT; sleep 2147483647 & wait';

const nonroot = "65532:65532";
/** As CloudNativePG calls the machine that it runs on. */
const goArchitecture = architectureOf(process.arch);

export const table = {
  pause: {
    references: [nodeImages.pause],
    config: { user: "65534:65534", entrypoint: ["/usr/bin/sh", "-c", wait] },
    layers: () => [[...skeleton(), ...busybox()]],
  },
  busybox: {
    references: [nodeImages.busybox],
    config: { command: ["sh"] },
    layers: () => [[...skeleton(), ...busybox()]],
  },
  // Root, because it listens on port 53 and its file has no capability for that.
  coredns: {
    references: [nodeImages.coredns],
    config: { entrypoint: ["/coredns"] },
    layers: () => [[...skeleton(), program("coredns", tool("kubernetes"))]],
  },
  "local-path": {
    references: [nodeImages["local-path"]],
    config: { entrypoint: ["local-path-provisioner"] },
    layers: () => [[...skeleton(), program("usr/bin/local-path-provisioner", tool("local-path"))]],
  },
  "metrics-server": {
    references: namesOf(programImages["metrics-server"]),
    config: { user: nonroot, entrypoint: ["/metrics-server"] },
    layers: () => [[...skeleton(), program("metrics-server", tool("kubernetes"))]],
  },
  "envoy-gateway": {
    references: namesOf(programImages["envoy-gateway"]),
    config: { user: nonroot, entrypoint: ["/usr/local/bin/envoy-gateway"] },
    layers: () => [
      [
        ...skeleton(),
        program("usr/local/bin/envoy-gateway", tool("envoy-gateway")),
        folder("var/lib/eg", 0o755, 65532),
      ],
    ],
  },
  envoy: {
    references: namesOf(programImages.envoy),
    config: { user: nonroot, entrypoint: ["/usr/local/bin/envoy"] },
    layers: () => [[...skeleton(), ...cLibrary(), program("usr/local/bin/envoy", tool("envoy"))]],
  },
  // An instance of the database gets its manager from here, by `/manager bootstrap`.
  "cloudnative-pg": {
    references: namesOf(programImages["cloudnative-pg"]),
    config: { user: nonroot, entrypoint: ["/manager"] },
    layers: () => [
      [
        ...skeleton(),
        program(`operator/manager_${goArchitecture}`, tool("cloudnative-pg")),
        link("manager", `operator/manager_${goArchitecture}`),
      ],
    ],
  },
  postgres: {
    references: namesOf(programImages.postgres),
    config: {
      user: "26:26",
      env: { PATH: "/usr/lib/postgresql/17/bin:/usr/local/bin:/usr/bin:/bin", LANG: "C.UTF-8" },
      command: ["postgres"],
    },
    layers: () => [
      [
        ...skeleton([{ name: "postgres", id: 26 }]),
        ...busybox(),
        ...tree(folderOf("userland"), (path) => /^usr\/(share\/zoneinfo|lib\/locale)\//.test(path)),
        ...tree(folderOf("postgres17"), (path) => path.startsWith("usr/")),
        folder("var/lib/postgresql", 0o700, 26),
        folder("run/postgresql", 0o755, 26),
      ],
    ],
  },
  valkey: {
    references: namesOf(programImages.valkey),
    config: { command: ["valkey-server"], workdir: "/data" },
    layers: () => [
      [
        ...skeleton([{ name: "valkey", id: 999 }]),
        ...busybox(),
        ...tree(folderOf("valkey"), (path) => path.startsWith("usr/")),
        folder("data", 0o755, 999),
      ],
    ],
  },
  model: {
    references: [modelImage],
    config: { user: "10001:10001", entrypoint: ["node", "/model.cjs"] },
    layers: () => [[...skeleton(), ...node(), text("model.cjs", modelProgram())]],
  },
} as const satisfies Readonly<Record<string, ImageRow>>;

export type ImageName = keyof typeof table;
