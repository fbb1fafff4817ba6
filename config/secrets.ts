import { bare, isTree, namesSecret, nodeAt, nodesAt, type Path, type SchemaNode, type Tree } from "./walk.js";

/** What stands for an encrypted value where nobody can decrypt it. */
export const ENCRYPTED = "[secret]";

/** Where secret values live: `pulumi config set --secret agent-secrets:NAME`. */
export const SECRETS_NAMESPACE = "agent-secrets";

export const setSecretCommand = (name: string): string => `pulumi config set --secret ${SECRETS_NAMESPACE}:${name}`;

const secretKey = /(password|passwd|passphrase|secret|token|(api|access|private|account)[_-]?key|credential)s?$/i;
/** Settings whose names sound secret and are not: they name an entry of the secret store. */
const namesOnly = new Set(["ownerSecret", "authSecret", "credentialsSecret", "pullSecret", "secrets"]);
const namesOnlyAt = new Set(["gateway.tls.secret"]);
const secretShapes: readonly RegExp[] = [
  /\bsk-[A-Za-z0-9_-]{16,}/,
  /\b(ghp|gho|ghs|ghu|github_pat|glpat|xox[abeprs]|pul)[_-][A-Za-z0-9_-]{10,}/,
  /\b(AKIA|ASIA)[A-Z0-9]{16}\b/,
  /\bAIza[A-Za-z0-9_-]{30,}/,
  /\bhttps:\/\/hooks\.slack\.com\/[a-z]+\/[A-Za-z0-9/_-]{8,}/,
  /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]+)?/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\bclient-key-data\b/,
  /\b[a-z][a-z0-9+]*:\/\/[^\s/:@]*:[^\s/@]+@/,
];
const everyShape = new RegExp(secretShapes.map(({ source }) => source).join("|"), "g");

const looksSecret = (text: string): boolean => secretShapes.some((shape) => shape.test(text));
/** The last line of defence: whatever has the shape of a secret is not shown, wherever it comes from. */
export const hideSecrets = (text: string): string => text.replace(everyShape, ENCRYPTED);

export interface PlainSecret {
  /** What to take out of the settings. */
  readonly path: Path;
  /** What an error may show of it. */
  readonly shown: Path;
  readonly value: unknown;
}

/** Every value that is a secret, by the name of its key or by its own shape. */
export function plainSecrets(tree: Tree, root: SchemaNode): readonly PlainSecret[] {
  const found: PlainSecret[] = [];
  const visit = (value: unknown, path: Path, inside: boolean): void => {
    const key = lastName(path);
    if (isTree(value)) {
      const secrets = inside || (secretKey.test(key) && !namedByPerson(path));
      for (const [name, item] of Object.entries(value)) {
        if (looksSecret(name)) found.push({ path: [...path, name], shown: path, value: item });
        else visit(item, [...path, name], secrets);
      }
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) visit(item, [...path, index], inside);
    } else if (typeof value === "string" ? value !== "" : typeof value === "number") {
      const named = inside || holdsValue(path, key, String(value));
      if (named || looksSecret(String(value))) found.push({ path, shown: path, value });
    }
  };
  /** Where the name of a secret belongs, what cannot be one is most likely the secret itself. */
  const holdsValue = (path: Path, key: string, value: string): boolean => {
    if (namesOnly.has(key) || namesOnlyAt.has(path.join("."))) return false;
    const nodes = nodesAt(root, path);
    if (nodes.some((node) => bare(node).def.type === "number") || isCount(key, value)) return false;
    const naming = nodes.find(namesSecret);
    return naming === undefined ? secretKey.test(key) : !bare(naming).safeParse(value).success;
  };
  // A database may be called `token`; a map of that name that the schema does not know is one full of secrets.
  const namedByPerson = (path: Path): boolean => {
    const holder = nodeAt(root, tree, path.slice(0, -1));
    return holder !== undefined && bare(holder).def.type === "record";
  };
  visit(tree, [], false);
  return found;
}

/** Tokens of models are counted: `LIMIT_TOKENS: 20000`. */
const isCount = (key: string, value: string): boolean => /tokens$/i.test(key) && /^\d{1,10}$/.test(value);

const lastName = (path: Path): string => path.filter((key) => typeof key === "string").at(-1) ?? "";

/** What the secret that stood at a path could be called. */
export function secretNameFor(path: Path): string {
  const name = lastName(path)
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, "_")
    .replace(/^[^A-Z]+|_+$/g, "")
    .slice(0, 40);
  return name === "" ? "SECRET" : name;
}
