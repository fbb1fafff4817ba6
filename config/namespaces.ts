import { fullKey, NAMESPACE, nearest, type Problem } from "./problems.js";
import { copyable, moveKeyWith, removeKeyWith, setCommand } from "./repairs.js";
import { ENCRYPTED, SECRETS_NAMESPACE, setSecretCommand } from "./secrets.js";
import { shownName } from "./show.js";
import type { Source } from "./source.js";
import { own as ownOf, type Path, type Tree, tooDeep } from "./walk.js";

/** Keys that people know from single-cloud programs -> the setting that says the same on every cloud. */
const instead: Readonly<Record<string, readonly [path: Path, example: string]>> = {
  "aws:region": [["region"], "eu-west-1"],
  "aws:allowedAccountIds": [["aws", "account"], "123456789012"],
  "aws:defaultTags": [["tags", "owner"], "me"],
  "gcp:region": [["region"], "europe-west1"],
  "gcp:project": [["gcp", "project"], "acme-agents"],
  "azure-native:location": [["region"], "northeurope"],
  "azure-native:subscriptionId": [["azure", "subscription"], "00000000-0000-0000-0000-000000000000"],
  "kubernetes:context": [["cluster", "context"], "kind-agents"],
  "kubernetes:kubeconfig": [["cluster", "kubeconfig"], "/home/me/.kube/config"],
};
const providerNamespaces = new Set(["aws", "gcp", "azure", "azure-native", "kubernetes", "random"]);

export interface Namespaces {
  /** The settings, without their namespace. */
  readonly own: Tree;
  /** Settings that are encrypted, whole. */
  readonly encrypted: ReadonlySet<string>;
  /** Names of the secrets that have a value. */
  readonly secrets: ReadonlySet<string>;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

export function readNamespaces({ config, encrypted }: Source): Namespaces {
  const own = new Map<string, unknown>();
  const locked = new Set<string>();
  const secrets = new Set<string>();
  const problems: Problem[] = [];
  const warnings: string[] = [];
  for (const [full, value] of Object.entries(config)) {
    const { namespace, key } = splitKey(full);
    if (namespace === NAMESPACE) {
      if (own.has(key)) problems.push(twice(full, key));
      else if (tooDeep(value)) problems.push(deep(key));
      else own.set(key, value);
      if (encrypted.has(full)) {
        locked.add(key);
        warnings.push(`${shownName(key)} is encrypted, but settings end up in plans and in the state as plain text`);
      }
    } else if (namespace === SECRETS_NAMESPACE) {
      if (encrypted.has(full)) secrets.add(key);
      else problems.push(plainSecret(full, key));
    } else if (providerNamespaces.has(namespace)) {
      problems.push(providerKey(full, namespace, key, value, config));
    } else if (namespace !== "pulumi") {
      const meant = nearest(namespace, [NAMESPACE, SECRETS_NAMESPACE]);
      if (meant !== undefined) problems.push(misspelt(full, meant, key, encrypted.has(full) ? ENCRYPTED : value));
      else {
        const name = shownName(full);
        warnings.push(`${name} is not read: the settings are those under ${NAMESPACE}: and ${SECRETS_NAMESPACE}:`);
      }
    }
  }
  return { own: Object.fromEntries(own), encrypted: locked, secrets, problems, warnings };
}

/** A stack file may leave the project's own namespace out; old ones have `:config:` between the two. */
export function splitKey(full: string): { readonly namespace: string; readonly key: string } {
  const colon = full.indexOf(":");
  const namespace = colon < 0 ? NAMESPACE : full.slice(0, colon);
  return { namespace, key: full.slice(colon + 1).replace(/^config:/, "") };
}

const twice = (full: string, key: string): Problem => ({
  key: fullKey([key]),
  what: `said twice: as ${shownName(full)} as well`,
  expected: "one of the two",
  repair: `take ${shownName(full)} out of the stack file`,
});

const deep = (key: string): Problem => ({
  key: fullKey([key]),
  what: "maps within maps without end",
  expected: "a setting",
  repair: removeKeyWith(key),
});

const plainSecret = (full: string, name: string): Problem => ({
  key: shownName(full),
  what: "a secret in plain text",
  expected: "an encrypted value",
  repair: /^[A-Za-z0-9_.-]+$/.test(name)
    ? `set it with: ${setSecretCommand(name)}`
    : `${removeKeyWith(full)} and give it a name like OPENAI_API_KEY`,
});

function providerKey(full: string, namespace: string, key: string, value: unknown, config: Source["config"]): Problem {
  const [path, example] = ownOf(instead, `${namespace}:${key}`) ?? [];
  if (path === undefined) {
    return {
      key: shownName(full),
      what: "a provider's own key is not read: the program makes its providers from the settings",
      expected: "credentials in the environment, and the rest in settings",
      repair: removeKeyWith(full),
    };
  }
  const said = typeof value === "string" && /^[A-Za-z0-9_./-]+$/.test(value) ? value : example;
  const there = Object.keys(config).some((other) => {
    const { namespace: space, key: setting } = splitKey(other);
    return space === NAMESPACE && setting === path[0];
  });
  return {
    key: shownName(full),
    what: "a provider's own key is not read",
    expected: `${fullKey(path)}, which means the same on every cloud`,
    repair: there && path.length === 1 ? removeKeyWith(full) : moveKeyWith(full, fullKey(path), setCommand(path, said)),
  };
}

const misspelt = (full: string, meant: string, key: string, value: unknown): Problem => ({
  key: shownName(full),
  what: `unknown namespace; did you mean ${meant}?`,
  expected: `keys under ${NAMESPACE}: or ${SECRETS_NAMESPACE}:`,
  repair:
    meant === SECRETS_NAMESPACE
      ? moveKeyWith(full, `${meant}:${key}`, copyable(key) ? setSecretCommand(key) : undefined)
      : moveKeyWith(full, `${meant}:${key}`, setCommand([key], value)),
});
