import { KeyRing } from "@pulumi/gcp/kms/keyRing.js";
import { getProjectOutput } from "@pulumi/gcp/organizations/getProject.js";
import { Service } from "@pulumi/gcp/projects/service.js";
import { ServiceIdentity } from "@pulumi/gcp/projects/serviceIdentity.js";
import { getProjectServiceAccountOutput } from "@pulumi/gcp/storage/getProjectServiceAccount.js";
import * as pulumi from "@pulumi/pulumi";
import { Sleep } from "@pulumiverse/time/sleep.js";
import type { Settings } from "../../config/settings.js";

export interface GcpGroundArgs {
  readonly stack: Settings;
}

/** What must be on before a resource of its kind can be made, without `.googleapis.com`. */
export type Api =
  | "artifactregistry"
  | "cloudkms"
  | "cloudresourcemanager"
  | "compute"
  | "container"
  | "dns"
  | "iam"
  | "logging"
  | "memorystore"
  | "monitoring"
  | "networkconnectivity"
  | "secretmanager"
  | "serviceconsumermanagement"
  | "sqladmin"
  | "storage";

/** Services that encrypt with a key of ours, by an account of Google's own in this project: their service agent. */
export type Agent = "artifactregistry" | "container" | "memorystore" | "secretmanager" | "sqladmin" | "storage";

/** An API that was just turned on is refused for a while by those servers that have not heard of it. */
const PROPAGATION = "60s";

/**
 * What every part on Google Cloud stands on: the project with its APIs turned on, the ring for the stack's keys, and the
 * accounts by which Google's services use those keys. A part that takes its project from here waits for its API without
 * saying so, and an API is turned on because a part asks for it, so no list of them can be wrong.
 *
 * APIs stay on when the stack goes: other things in the project may use them. A project that is new must have two
 * of them turned on by hand once, by which the others are turned on: Service Usage and Cloud Resource Manager. A key ring can never be deleted, so its name is
 * new each time (Pulumi adds random characters). All of it is free.
 */
export class GcpGround extends pulumi.ComponentResource {
  /** The project's id as the stack says it, for reading what exists: it waits for nothing. */
  public readonly id: string;
  /** The project's number, by which workload identities and Google's own accounts are named. */
  public readonly number: pulumi.Output<string>;
  private readonly settled = new Map<Api, Sleep>();
  private readonly identities = new Map<Agent, pulumi.Output<string>>();
  private keyRing: KeyRing | undefined;

  constructor(
    private readonly name: string,
    private readonly args: GcpGroundArgs,
    opts: pulumi.ComponentResourceOptions,
  ) {
    super("agent-platform:gcp:Ground", name, {}, opts);
    this.id = projectOf(args.stack);
    this.number = getProjectOutput({ projectId: this.project("cloudresourcemanager") }, { parent: this }).number;
    this.registerOutputs({ number: this.number });
  }

  /** The project's id for a resource of these APIs: whatever is made with it waits until they are on everywhere. */
  public project(...apis: readonly Api[]): pulumi.Output<string> {
    const settled = apis.map((api) => {
      const one = this.settled.get(api) ?? enable(`${this.name}-${api}`, api, this.id, { parent: this });
      this.settled.set(api, one);
      return one.urn;
    });
    // URNs are known in every preview, which ids are not while something is new: a project that is not known would show
    // all that is in it as replaced.
    return pulumi.all(settled).apply(() => this.id);
  }

  /** The ring that the stack's keys are on. */
  public ring(): pulumi.Output<string> {
    this.keyRing ??= new KeyRing(
      `${this.name}-keys`,
      { location: this.args.stack.region, project: this.project("cloudkms") },
      { parent: this },
    );
    return this.keyRing.id;
  }

  /** `serviceAccount:...` of the service's own account in this project, which exists from here on. */
  public agent(agent: Agent): pulumi.Output<string> {
    const member = this.identities.get(agent) ?? agents[agent](this, `${this.name}-${agent}-agent`, { parent: this });
    this.identities.set(agent, member);
    return member;
  }
}

/** Settings refuse a stack on gcp without it; only the type does not know that. */
export function projectOf({ gcp }: Settings): string {
  if (gcp.project === undefined) throw new Error("gcp: gcp.project is not said");
  return gcp.project;
}

function enable(name: string, api: Api, project: string, opts: pulumi.CustomResourceOptions): Sleep {
  const service = new Service(name, { project, service: `${api}.googleapis.com`, disableOnDestroy: false }, opts);
  return new Sleep(name, { createDuration: PROPAGATION }, { ...opts, dependsOn: [service] });
}

type FindAgent = (
  ground: GcpGround,
  name: string,
  opts: pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource },
) => pulumi.Output<string>;

/**
 * Services make their account when they first need it, or a while after their API was turned on: too late for a grant,
 * so it is asked for. Some say its address only in their documentation. Nothing is undone at the end.
 * https://github.com/hashicorp/terraform-provider-google/issues/18649
 */
const asked =
  (api: Api, domain: string): FindAgent =>
  (ground, name, opts) => {
    const identity = new ServiceIdentity(
      name,
      { project: ground.project(api), service: `${api}.googleapis.com` },
      opts,
    );
    return pulumi
      .all([identity.member, ground.number])
      .apply(([member, number]) =>
        /^serviceAccount:./.test(member ?? "")
          ? member
          : `serviceAccount:service-${number}@${domain}.iam.gserviceaccount.com`,
      );
  };

const agents: Readonly<Record<Agent, FindAgent>> = {
  artifactregistry: asked("artifactregistry", "gcp-sa-artifactregistry"),
  container: asked("container", "container-engine-robot"),
  memorystore: asked("memorystore", "gcp-sa-memorystore"),
  secretmanager: asked("secretmanager", "gcp-sa-secretmanager"),
  sqladmin: asked("sqladmin", "gcp-sa-cloud-sql"),
  // Reading it makes it, and says its address.
  storage: (ground, _name, opts) =>
    getProjectServiceAccountOutput({ project: ground.project("storage") }, { parent: opts.parent }).member,
};
