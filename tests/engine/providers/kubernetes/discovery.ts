import type { Client } from "./client.js";

/** Where objects of a kind are. */
export interface Kind {
  readonly namespaced: boolean;
  path(namespace: string | undefined, name?: string): string;
}

interface Groups {
  readonly items: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly {
      readonly version: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly scope: "Namespaced" | "Cluster";
        readonly responseKind?: { readonly kind?: string };
      }[];
    }[];
  }[];
}

const ALL_AT_ONCE = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** What kinds the API server has: asked once, and again for a kind that is not among them. */
export class Discovery {
  #kinds: Promise<ReadonlyMap<string, Kind>> | undefined;

  constructor(readonly client: Client) {}

  async find(apiVersion: string, kind: string): Promise<Kind | undefined> {
    const key = `${apiVersion}/${kind}`;
    const known = (await this.kinds()).get(key);
    if (known !== undefined) return known;
    this.forget();
    return (await this.kinds()).get(key);
  }

  /** There may be new kinds. */
  forget(): void {
    this.#kinds = undefined;
  }

  kinds(): Promise<ReadonlyMap<string, Kind>> {
    if (this.#kinds === undefined) {
      const asked = this.#ask();
      asked.catch(() => {
        if (this.#kinds === asked) this.#kinds = undefined;
      });
      this.#kinds = asked;
    }
    return this.#kinds;
  }

  async #ask(): Promise<ReadonlyMap<string, Kind>> {
    const ask = (path: string) => this.client.call<Groups>("GET", path, { accept: ALL_AT_ONCE });
    const [core, groups] = await Promise.all([ask("/api"), ask("/apis")]);
    return new Map([...kindsIn(core), ...kindsIn(groups)]);
  }
}

function* kindsIn({ items }: Groups): Generator<[string, Kind]> {
  for (const { metadata, versions = [] } of items) {
    const group = metadata?.name;
    for (const { version, resources = [] } of versions) {
      const apiVersion = group === undefined ? version : `${group}/${version}`;
      const base = group === undefined ? `/api/${version}` : `/apis/${apiVersion}`;
      for (const { resource, scope, responseKind } of resources)
        if (responseKind?.kind !== undefined)
          yield [`${apiVersion}/${responseKind.kind}`, kindAt(base, resource, scope === "Namespaced")];
    }
  }
}

const kindAt = (base: string, resource: string, namespaced: boolean): Kind => ({
  namespaced,
  path: (namespace, name) =>
    [
      base,
      ...(namespaced ? ["namespaces", namespace ?? "default"] : []),
      resource,
      ...(name === undefined ? [] : [name]),
    ].join("/"),
});
