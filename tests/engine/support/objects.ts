import { setTimeout as sleep } from "node:timers/promises";
import { type Access, Api, Refused } from "../cluster/api.js";

interface Kind {
  readonly name: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}
interface Listed {
  readonly items: readonly {
    readonly data?: unknown;
    readonly metadata: { readonly name: string; readonly namespace?: string };
  }[];
}

/** Every object of an API server as text, but for the data of Secrets. */
export async function objectsIn(access: Access): Promise<readonly { readonly where: string; readonly text: string }[]> {
  const api = new Api(access);
  try {
    const groups = await api.get<{ groups: { preferredVersion: { groupVersion: string } }[] }>("/apis");
    const roots = ["/api/v1", ...(groups?.groups ?? []).map((one) => `/apis/${one.preferredVersion.groupVersion}`)];
    const found = [];
    for (const root of roots) {
      const { resources = [] } = (await api.get<{ resources: Kind[] }>(root)) ?? {};
      for (const { name, kind } of resources.filter(({ verbs }) => verbs.includes("list"))) {
        const { items = [] } = (await listOf(api, `${root}/${name}`)) ?? {};
        for (const { data, ...rest } of items)
          found.push({
            where: `${kind} ${rest.metadata.namespace ?? ""}/${rest.metadata.name}`,
            text: JSON.stringify(kind === "Secret" ? rest : { ...rest, data }),
          });
      }
    }
    return found;
  } finally {
    api.close();
  }
}

/** For a moment after a definition was taken the server has no store for its objects, and says 429. */
async function listOf(api: Api, path: string): Promise<Listed | undefined> {
  for (let left = 100; ; left--) {
    try {
      return await api.get<Listed>(path);
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 429 || left === 0) throw error;
      await sleep(100);
    }
  }
}

/** Namespaces of an API server beside its own. */
export async function namespacesIn(access: Access): Promise<readonly string[]> {
  const objects = await objectsIn(access);
  const names = objects.flatMap(({ where }) => /^Namespace \/(.*)$/.exec(where)?.[1] ?? []);
  return names.filter((name) => !/^(default|kube-.*)$/.test(name));
}
