import { LifecyclePolicy } from "@pulumi/aws/ecr/lifecyclePolicy.js";
import { Repository } from "@pulumi/aws/ecr/repository.js";
import * as pulumi from "@pulumi/pulumi";
import type { InMode, RegistrySettings } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";
import type { Registry, RegistryArgs } from "../contract.js";
import { AwsKey } from "./key.js";
import { tagsFor } from "./tags.js";

export interface AwsRegistryArgs extends Pick<RegistryArgs, "settings" | "services"> {
  readonly stack: Settings;
}

/** Days after which an image that a newer build took the tag from goes. */
const UNTAGGED_DAYS = 7;

/**
 * An ECR repository for each service: encrypted with a key of its own, scanned on push, and a tag means one image for
 * ever. A repository that holds images is not deleted where the stack is protected: ECR refuses.
 *
 * Costs 1 USD a month for the key, and 0.10 USD for each GB of images.
 */
export class AwsRegistry extends pulumi.ComponentResource implements Registry {
  public readonly url: pulumi.Output<string>;
  private readonly repositories: ReadonlyMap<string, pulumi.Output<string>>;

  constructor(name: string, args: AwsRegistryArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:aws:Registry", name, {}, opts);
    const { settings, services } = args;
    this.repositories =
      settings.mode === "managed"
        ? createRepositories(name, args, settings, this)
        : new Map(services.map((service) => [service, pulumi.output(repositoryIn(settings, service))]));
    this.url = settings.mode === "existing" ? pulumi.output(settings.url) : hostOf(this.repositories);
    this.registerOutputs({ url: this.url });
  }

  repository(service: string): pulumi.Output<string> {
    const repository = this.repositories.get(service);
    if (repository === undefined) throw new Error(`aws: the registry was made without a repository for ${service}`);
    return repository;
  }
}

const repositoryIn = (settings: Exclude<RegistrySettings, { mode: "managed" }>, service: string): string =>
  settings.mode === "existing" ? `${settings.url}/${service}` : service;

/** All repositories of an account and region have one host; what comes before the first slash of any of them. */
function hostOf(repositories: ReadonlyMap<string, pulumi.Output<string>>): pulumi.Output<string> {
  const [first = pulumi.output("")] = repositories.values();
  return first.apply((url) => (url.includes("/") ? url.slice(0, url.indexOf("/")) : ""));
}

function createRepositories(
  name: string,
  { services, stack }: AwsRegistryArgs,
  settings: InMode<RegistrySettings, "managed">,
  parent: AwsRegistry,
): ReadonlyMap<string, pulumi.Output<string>> {
  if (services.length === 0) return new Map();
  const key = new AwsKey(`${name}-images`, { stack, purpose: `Images of ${stack.prefix}` }, { parent });
  return new Map(
    services.map((service) => {
      const repository = createRepository(`${name}-${service}`, service, key, stack, { parent });
      createLifecycle(`${name}-${service}`, repository, settings, { parent });
      return [service, repository.repositoryUrl];
    }),
  );
}

function createRepository(
  name: string,
  service: string,
  key: AwsKey,
  stack: Settings,
  opts: pulumi.CustomResourceOptions,
): Repository {
  return new Repository(
    name,
    {
      // Named, because people and pipelines push to it; ECR frees a name at once.
      name: `${stack.prefix}/${service}`,
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: key.arn }],
      forceDelete: !stack.deletionProtection,
      tags: tagsFor(stack, name),
    },
    opts,
  );
}

function createLifecycle(
  name: string,
  repository: Repository,
  { keepImages }: InMode<RegistrySettings, "managed">,
  opts: pulumi.CustomResourceOptions,
): void {
  new LifecyclePolicy(
    name,
    {
      repository: repository.name,
      policy: JSON.stringify({
        rules: [
          {
            rulePriority: 1,
            description: `Untagged for ${UNTAGGED_DAYS} days`,
            selection: {
              tagStatus: "untagged",
              countType: "sinceImagePushed",
              countUnit: "days",
              countNumber: UNTAGGED_DAYS,
            },
            action: { type: "expire" },
          },
          {
            // ECR wants the rule for all images last.
            rulePriority: 2,
            description: `More than ${keepImages} images`,
            selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: keepImages },
            action: { type: "expire" },
          },
        ],
      }),
    },
    opts,
  );
}
