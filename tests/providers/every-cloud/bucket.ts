import assert from "node:assert/strict";
import type { Recording } from "../../../plan/record.js";
import type { Bucket } from "../../../providers/contract.js";
import { inventory, valueOf } from "../../support/deploy.js";
import type { Rows } from "../../support/rows.js";

/** A store that only speaks S3, as a stack file says it; its keys are in the store's entry. */
export const s3 = (credentialsSecret: string) => ({
  mode: "existing",
  id: "theirs",
  endpoint: "https://s3.example.com",
  region: "us-east-1",
  credentialsSecret,
});

/** Where a bucket is, as services are told. */
export const addressOf = async ({ name, url, region, endpoint, identity }: Bucket) => ({
  name: await valueOf(name),
  url: await valueOf(url),
  region: await valueOf(region),
  endpoint,
  identity: await valueOf(identity),
});

/** Nothing of an `s3` is read by calls that begin with this, and pods get in with keys. */
export async function assertS3(
  { resources, result, calls }: Recording<Bucket>,
  expected: { readonly rows: Rows; readonly calls: string; readonly store: string; readonly key: string },
): Promise<void> {
  assert.deepEqual(inventory(resources), expected.rows);
  assert.deepEqual(
    calls.filter(({ token }) => token.startsWith(expected.calls)),
    [],
  );
  assert.deepEqual(await addressOf(result), {
    name: "theirs",
    url: "s3://theirs",
    region: "us-east-1",
    endpoint: "https://s3.example.com",
    identity: "",
  });
  assert(result.access !== "identity");
  assert.deepEqual(
    [await valueOf(result.access.store), await valueOf(result.access.key)],
    [expected.store, expected.key],
  );
}
