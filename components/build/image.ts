import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { Image } from "@pulumi/docker-build/image.js";
import { Provider } from "@pulumi/docker-build/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { formatProblem, fullKey, PersonError } from "../../config/problems.js";
import type { Settings } from "../../config/settings.js";
import { formatPath } from "../../config/walk.js";
import type { Registry } from "../../providers/contract.js";
import { partName } from "../../providers/naming.js";
import { type Build, hashBuild } from "./context-hash.js";

/** An image that the platform builds. */
export interface BuiltImage {
  /** What pods run: by digest, or by a tag in an engine that keeps no digests. Known once it is built. */
  readonly ref: pulumi.Output<string>;
  /** Another text for other files, known before it is built: what a migration is named by. */
  readonly fixed: string;
}

export interface ImagesArgs {
  readonly stack: Settings;
  readonly registry: Registry;
}

/**
 * The images of all services that are built, by their names; deployments of one image have it in common. Nothing is
 * made, not even the builder's provider, where none is.
 */
export function buildImages(
  name: string,
  args: ImagesArgs,
  parent: pulumi.Resource,
): Readonly<Record<string, BuiltImage>> {
  const built = Object.entries(args.stack.services).filter(([, { build }]) => build !== undefined);
  if (built.length === 0) return {};
  const provider = new Provider(`${name}-docker-build`, {}, { parent });
  const made = new Map(
    built.flatMap(([service, { build, agents }]) =>
      build === undefined || agents?.of !== undefined
        ? []
        : [[service, buildImage(service, build, args, { parent, provider })] as const],
    ),
  );
  return Object.fromEntries(
    built.flatMap(([service, { agents }]) => {
      const image = made.get(agents?.of ?? service);
      return image === undefined ? [] : [[service, image]];
    }),
  );
}

/** What the clusters' nodes are, whatever the machine that builds. */
const PLATFORMS = ["linux/amd64", "linux/arm64"] as const;

function buildImage(
  service: string,
  build: Build,
  { stack, registry }: ImagesArgs,
  opts: pulumi.CustomResourceOptions,
): BuiltImage {
  const dockerfile = build.dockerfile ?? join(build.context, "Dockerfile");
  demandThere(service, build, dockerfile);
  const { content, files } = hashBuild(build);
  const pushed = stack.registry.mode !== "none";
  const repository = pushed ? registry.repository(service) : `${stack.prefix}/${service}`;
  const tag = pulumi.interpolate`${repository}:${files}`;
  const image = new Image(
    partName(stack.prefix, "service", service),
    {
      context: { location: build.context },
      dockerfile: { location: dockerfile },
      ...(build.target === undefined ? {} : { target: build.target }),
      buildArgs: build.args,
      tags: [tag],
      // An engine takes in one platform, its own.
      ...(pushed ? { push: true, platforms: [...PLATFORMS] } : { push: false, load: true }),
      // A preview wants no builder, and shows what would be made all the same.
      buildOnPreview: false,
    },
    // Pods may still run it, or go back to it: the registry's own rules delete images.
    { ...opts, retainOnDelete: true },
  );
  return { ref: pushed ? image.ref : pulumi.all([image.ref, tag]).apply(([, loaded]) => loaded), fixed: content };
}

/** A setting that only the machine's files can show to be wrong. */
class BuildError extends PersonError {
  override readonly name = "BuildError";
  readonly exitCode = 1;
}

function demandThere(service: string, { context }: Build, dockerfile: string): void {
  const fault = (key: string, what: string, expected: string) => {
    const path = ["services", service, "build", key];
    const repair = `set it with: pulumi config set --path ${formatPath(path)} PATH`;
    throw new BuildError(formatProblem({ key: fullKey(path), what, expected, repair }).trim());
  };
  if (!existsSync(context) || !statSync(context).isDirectory())
    fault("context", `there is no folder ${context}`, "a folder of this machine, from the project's own");
  if (!existsSync(dockerfile))
    fault("dockerfile", `there is no file ${dockerfile}`, "a Dockerfile, from the project's own folder");
}
