import { isTree } from "../config/walk.js";
import { UNKNOWN } from "./record.js";

/** A range that is nobody's (RFC 5737): an unknown address opens no way to a real one. */
const NOWHERE = { ipBlock: { cidr: "192.0.2.0/24" } };
const IMAGE = `unknown.invalid/unknown@sha256:${"0".repeat(64)}`;
const NAME = "unknown";

const some = { labels: { unknown: NAME }, texts: { unknown: UNKNOWN } };

/**
 * What stands in a manifest where a plan cannot know, by the key: other tools refuse a text where a number, a list or a
 * map belongs, and judge an image or an address by its form.
 */
const byKey: Readonly<Record<string, unknown>> = {
  annotations: some.texts,
  data: some.texts,
  stringData: some.texts,
  labels: some.labels,
  matchLabels: some.labels,
  nodeSelector: some.labels,
  cidr: NOWHERE.ipBlock.cidr,
  except: [NOWHERE.ipBlock.cidr],
  from: [NOWHERE],
  to: [NOWHERE],
  ingress: [{ from: [NOWHERE] }],
  egress: [{ to: [NOWHERE] }],
  image: IMAGE,
  imageName: IMAGE,
  containerPort: 1,
  nodePort: 1,
  port: 1,
  targetPort: 1,
  replicas: 1,
  minReplicas: 1,
  maxReplicas: 1,
  dnsNames: [NAME],
  ipAddresses: ["192.0.2.1"],
  hostnames: [NAME],
};

/** Under these every value is free text, whatever its key: it stays as the plan has it. */
const freeText: ReadonlySet<string> = new Set(["annotations", "data", "stringData"]);
/** Under these, and as a name, a text is made of letters, digits and hyphens. */
const labels: ReadonlySet<string> = new Set(["labels", "matchLabels", "nodeSelector"]);
const isNamed = (key: string): boolean => /^(name|namespace|host|hostname|hostnames|dnsNames)$|Names?$/.test(key);

/** A value without what no tool could read; `[unknown]` stays in free text, and where nothing better is known. */
export function withStandIns(value: unknown, key = "", holder = ""): unknown {
  if (freeText.has(holder)) return value;
  if (value === UNKNOWN && Object.hasOwn(byKey, key)) return byKey[key];
  if (typeof value === "string") return isNamed(key) || labels.has(holder) ? named(value) : value;
  if (Array.isArray(value)) {
    // An unknown item of a list is stood in for by what would stand for the list.
    return value.flatMap((item) =>
      item === UNKNOWN ? withStandIns(item, key, holder) : [withStandIns(item, key, holder)],
    );
  }
  if (!isTree(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([inner, item]) => [inner, withStandIns(item, inner, key)]));
}

/** An unknown name, or the unknown part of one. */
export const named = (text: string): string => text.replaceAll(UNKNOWN, NAME);
