import { Repository } from "@pulumi/gcp/artifactregistry/repository.js";
import { RepositoryIamMember } from "@pulumi/gcp/artifactregistry/repositoryIamMember.js";
import * as pulumi from "@pulumi/pulumi";
import type { InMode, RegistrySettings } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";
import type { Registry, RegistryArgs } from "../contract.js";
import type { GcpGround } from "./ground.js";
import { GcpKey } from "./key.js";
import { tagsFor } from "./tags.js";

export interface GcpRegistryArgs extends RegistryArgs {
  readonly stack: Settings;
  readonly ground: GcpGround;
}

/**
 * A repository of Artifact Registry for each service, in the stack's region: encrypted with a key of its own, its newest
 * images kept and older ones deleted, and read by the nodes of the cluster that the platform makes. The nodes of a
 * cluster that exists must be let in by whoever has it. Images are scanned where the project has Container Scanning on.
 *
 * A tag can be moved here: a repository in which none can be keeps every tagged image for ever. Deploy by digest.
 *
 * Costs 0.10 USD for each GB of images a month.
 */
export class GcpRegistry extends pulumi.ComponentResource implements Registry {
  public readonly url: pulumi.Output<string>;
  private readonly repositories: ReadonlyMap<string, pulumi.Output<string>>;

  constructor(name: string, args: GcpRegistryArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:gcp:Registry", name, {}, opts);
    const { settings, services } = args;
    this.repositories =
      settings.mode === "managed"
        ? createRepositories(name, args, settings, this)
        : new Map(services.map((service) => [service, pulumi.output(repositoryIn(settings, service))]));
    this.url = urlOf(args);
    this.registerOutputs({ url: this.url });
  }

  repository(service: string): pulumi.Output<string> {
    const repository = this.repositories.get(service);
    if (repository === undefined) throw new Error(`gcp: the registry was made without a repository for ${service}`);
    return repository;
  }
}

const repositoryIn = (settings: Exclude<RegistrySettings, { mode: "managed" }>, service: string): string =>
  settings.mode === "existing" ? `${settings.url}/${service}` : service;

/** All repositories of a project and region begin alike. */
function urlOf({ settings, services, stack, ground }: GcpRegistryArgs): pulumi.Output<string> {
  if (settings.mode === "existing") return pulumi.output(settings.url);
  return pulumi.output(settings.mode === "none" || services.length === 0 ? "" : hostOf(stack, ground));
}

const hostOf = (stack: Settings, ground: GcpGround): string => `${stack.region}-docker.pkg.dev/${ground.id}`;

function createRepositories(
  name: string,
  args: GcpRegistryArgs,
  settings: InMode<RegistrySettings, "managed">,
  parent: GcpRegistry,
): ReadonlyMap<string, pulumi.Output<string>> {
  const { services, stack, ground } = args;
  if (services.length === 0) return new Map();
  const purpose = `Images of ${stack.prefix}`;
  const key = new GcpKey(`${name}-images`, { stack, ground, purpose, agent: "artifactregistry" }, { parent });
  return new Map(
    services.map((service) => {
      const repository = createRepository(`${name}-${service}`, { service, key, settings }, args, { parent });
      createReader(`${name}-${service}`, repository, args, { parent });
      // A repository holds images by name, so the service's is in it once more.
      return [service, pulumi.interpolate`${hostOf(stack, ground)}/${repository.repositoryId}/${service}`];
    }),
  );
}

interface RepositoryParts {
  readonly service: string;
  readonly key: GcpKey;
  readonly settings: InMode<RegistrySettings, "managed">;
}

function createRepository(
  name: string,
  { service, key, settings: { keepImages } }: RepositoryParts,
  { stack, ground }: GcpRegistryArgs,
  opts: pulumi.CustomResourceOptions,
): Repository {
  return new Repository(
    name,
    {
      project: ground.project("artifactregistry"),
      location: stack.region,
      // Named, because people and pipelines push to it; Artifact Registry frees a name at once.
      repositoryId: `${stack.prefix}-${service}`,
      description: `Images of ${service} in ${stack.prefix}`,
      format: "DOCKER",
      mode: "STANDARD_REPOSITORY",
      kmsKeyName: key.id,
      // What is to be kept wins over what is to be deleted, so together they are a number of images.
      cleanupPolicies: [
        { id: "newest-images", action: "KEEP", mostRecentVersions: { keepCount: keepImages } },
        { id: "all-others", action: "DELETE", condition: { tagState: "ANY" } },
      ],
      cleanupPolicyDryRun: false,
      labels: tagsFor(stack, name),
    },
    // Artifact Registry deletes a repository with all its images and asks nobody.
    { ...opts, protect: stack.deletionProtection },
  );
}

/** Nodes of the platform's own cluster are an account that may nothing but run nodes. */
function createReader(
  name: string,
  repository: Repository,
  { stack, ground, cluster }: GcpRegistryArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  if (stack.cluster.mode !== "managed") return;
  new RepositoryIamMember(
    name,
    {
      project: ground.project("artifactregistry"),
      location: stack.region,
      repository: repository.name,
      role: "roles/artifactregistry.reader",
      member: cluster.puller,
    },
    opts,
  );
}
