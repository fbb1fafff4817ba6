import assert from "node:assert/strict";
import type { Tree } from "../../../config/walk.js";
import type { RecordedResource } from "../../../plan/record.js";
import type { Database } from "../../../providers/contract.js";
import { inventory, otherStack, type Stubs, valueOf } from "../../support/deploy.js";

/** The primary of `standbyOf`, as its own stack says it. */
export interface Primary {
  readonly identity: string;
  readonly name: string;
  readonly version: string;
  readonly ownerStore: string;
  readonly ownerSecret: string;
  readonly ownerIdentity: string;
}

export const standbyOf = (production: Tree) => ({
  ...production,
  environment: "dr",
  standby: { of: "acme/agent-platform/prod" },
});

export const withPrimary = (main: Primary): Stubs => otherStack({ databases: { main } });

/** Where a database is, as clients are told. */
export const addressOf = async ({ host, port, name, readHosts, cidrs, identity }: Database) => ({
  host: await valueOf(host),
  port: await valueOf(port),
  name: await valueOf(name),
  readHosts: await valueOf(readHosts),
  cidrs: await valueOf(cidrs),
  identity: await valueOf(identity),
});

/** A copy has the primary's owner, whose password is where the primary's stack keeps it. */
export async function assertOwnerOf(primary: Primary, { name, owner }: Database, label: string): Promise<void> {
  assert.deepEqual(
    [await valueOf(name), await valueOf(owner.store), await valueOf(owner.key)],
    [primary.name, primary.ownerStore, primary.ownerSecret],
  );
  assert.deepEqual([await valueOf(owner.identity), owner.label], [primary.ownerIdentity, label]);
}

export interface Copies {
  readonly databaseOf: (
    said: Tree,
    stubs?: Stubs,
  ) => Promise<{ readonly result: Database; readonly resources: readonly RecordedResource[] }>;
  readonly production: Tree;
  readonly primary: Primary;
}

/** What is the same of a database and of its copy in another stack. */
export function followsAnother({ databaseOf, production, primary }: Copies): void {
  const standby = standbyOf(production);

  it("fails where the followed stack says nothing of its database", async () => {
    await assert.rejects(
      databaseOf(standby, otherStack({})),
      /^Error: stack acme\/agent-platform\/prod has no output databases\.main\.\w+: run 'pulumi up' there first$/,
    );
  });

  it("shows every resource in a preview", async () => {
    const known = await databaseOf(production);
    const unknown = await databaseOf(production, { preview: true });
    assert.deepEqual(inventory(unknown.resources), inventory(known.resources));
  });

  it("shows every resource of a copy in a preview", async () => {
    const known = await databaseOf(standby, withPrimary(primary));
    const unknown = await databaseOf(standby, { ...withPrimary(primary), preview: true });
    assert.deepEqual(inventory(unknown.resources), inventory(known.resources));
  });
}
