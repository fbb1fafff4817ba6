import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { Tree } from "../../../config/walk.js";
import type { Recording } from "../../../plan/record.js";
import type { SecretRef, SecretStore } from "../../../providers/contract.js";
import { textsIn } from "../../contract/values.js";
import { inventory, only, type Stubs, valueOf } from "../../support/deploy.js";
import { type Rows, sorted } from "../../support/rows.js";

type Store = SecretStore & pulumi.ComponentResource;

const put = (store: Store, parent: pulumi.Resource): SecretRef =>
  store.put("agents-thing", { username: "app", password: pulumi.output("hunter2") }, { parent });

/** What a test does with a store where it looks at an entry. */
export const putEntry = (store: Store) => ({ store, secret: put(store, store) });

export interface Entries {
  readonly storeOf: <T>(use: (store: Store) => T, said?: Tree, stubs?: Stubs) => Promise<Recording<T>>;
  readonly store: Rows;
  readonly entry: Rows;
  /** What holds the value, and which of its inputs does. */
  readonly holder: readonly [type: string, path: string];
  /** What else the cloud makes of an entry. @default nothing */
  readonly beside?: readonly string[];
  readonly address: Readonly<Record<"store" | "key" | "identity" | "label", string>>;
  /** A stack that is shown in a preview. */
  readonly previewed: Tree;
}

/** What is the same of the entries of every cloud's store. */
export function keepsEntries({ storeOf, store, entry, holder, beside = [], address, previewed }: Entries): void {
  const [type, path] = holder;

  it("makes an entry and its value", async () => {
    assert.deepEqual(inventory((await storeOf(putEntry)).resources), sorted([...store, ...entry]));
  });

  it("marks the value secret, whatever it was before", async () => {
    const { inputs, secretInputs } = only((await storeOf(putEntry)).resources, type);
    const text = new Map(textsIn(inputs)).get(path);
    assert.deepEqual(JSON.parse(String(text)), { username: "app", password: "hunter2" });
    assert.deepEqual(secretInputs, [path]);
  });

  it("puts entries under whoever keeps them", async () => {
    const { resources } = await storeOf((made) =>
      put(made, new pulumi.ComponentResource("test:index:Owner", "owner", {}, { parent: made })),
    );
    const parents = [...beside, type].map((one) => only(resources, one).parent?.split("::").at(-1));
    assert.deepEqual([...new Set(parents)], ["owner"]);
  });

  it("says where the entry is, and how it is named for permissions", async () => {
    const { secret } = (await storeOf(putEntry)).result;
    assert.deepEqual(
      {
        store: await valueOf(secret.store),
        key: await valueOf(secret.key),
        identity: await valueOf(secret.identity),
        label: secret.label,
      },
      address,
    );
  });

  it("shows every resource in a preview", async () => {
    const { resources } = await storeOf(putEntry, previewed, { preview: true });
    assert.deepEqual(inventory(resources), sorted([...store, ...entry]));
  });
}
