import * as pulumi from "@pulumi/pulumi";
import type { Bucket, BucketArgs, SecretRef } from "../contract.js";
import { References } from "../references.js";
import { refuse } from "../support.js";

/** What S3-compatible stores expect in signatures when they have no regions. */
const REGION = "us-east-1";

/** A bucket of an S3-compatible store that somebody else runs. Nothing is made; pods get in with keys from the store. */
export class LocalBucket extends pulumi.ComponentResource implements Bucket {
  public readonly name: pulumi.Output<string>;
  public readonly url: pulumi.Output<string>;
  public readonly region: pulumi.Output<string>;
  public readonly endpoint: string;
  public readonly access: SecretRef;
  public readonly identity: pulumi.Output<string>;

  constructor(name: string, { key, settings, secrets }: BucketArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:local:Bucket", name, {}, opts);
    if (settings.mode !== "existing") refuse("local", `buckets.${settings.mode}`);
    const { fromStack, id, endpoint, credentialsSecret, region } = settings;
    // Without them it would be a cloud's own store, entered by an identity, and there is neither here.
    if (endpoint === undefined) throw new Error(`local: buckets.${key}.endpoint is missing`);
    if (credentialsSecret === undefined) throw new Error(`local: buckets.${key}.credentialsSecret is missing`);

    this.name = new References(name, this, fromStack).id(id, `buckets.${key}.id`);
    this.url = pulumi.interpolate`s3://${this.name}`;
    this.region = pulumi.output(region ?? REGION);
    this.endpoint = endpoint;
    this.access = secrets.existing(credentialsSecret);
    this.identity = this.name;
    this.registerOutputs({ name: this.name });
  }
}
