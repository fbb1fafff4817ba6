import { planAsJson } from "../../plan/json.js";
import type { Plan } from "../../plan/plan.js";
import { type RecordedResource, UNKNOWN } from "../../plan/record.js";
import { textsIn } from "../contract/values.js";
import { PLANTED } from "./cases.js";
import { nameFaults } from "./names/index.js";
import { outputFaults } from "./outputs.js";

/** Whatever must be true of every plan and is not. */
export const faultsIn = (plan: Plan): readonly string[] => [
  ...nameFaults(plan.resources),
  ...outputFaults(plan.outputs),
  ...secretFaults(plan),
  ...plan.resources.flatMap(labelFaults),
];

/** Inputs that take a password or the like, by type: whatever stands there must be marked. */
const secretInputs: Readonly<Record<string, readonly string[]>> = {
  "aws:elasticache/user:User": ["authenticationMode.passwords", "passwords"],
  "aws:rds/instance:Instance": ["password", "passwordWo"],
  "aws:secretsmanager/secretVersion:SecretVersion": ["secretString", "secretBinary", "secretStringWo"],
  "azure-native:dbforpostgresql:Server": ["administratorLoginPassword"],
  "azure-native:keyvault:Secret": ["properties.value"],
  "gcp:secretmanager/secretVersion:SecretVersion": ["secretData", "secretDataWo"],
  "gcp:sql/databaseInstance:DatabaseInstance": ["rootPassword"],
  "gcp:sql/user:User": ["password", "passwordWo"],
  "kubernetes:core/v1:Secret": ["data", "stringData"],
};

function secretFaults(plan: Plan): readonly string[] {
  const open = textsIn(JSON.parse(planAsJson(plan))).filter(([, text]) => text.includes(PLANTED));
  return [...open.map(([path]) => `a secret can be read in ${path}`), ...unmarkedSecrets(plan.resources)];
}

/** Secrets that are known and not marked as such: what is unknown in a plan carries no mark. */
export const unmarkedSecrets = (resources: readonly RecordedResource[]): readonly string[] =>
  resources.flatMap(({ type, name, inputs, secretInputs: marked }) =>
    textsIn(inputs)
      .filter(([path, text]) => text !== UNKNOWN && (secretInputs[type] ?? []).some((secret) => isWithin(path, secret)))
      .filter(([path]) => !marked.some((secret) => isWithin(path, secret)))
      .map(([path]) => `${type} ${name}: ${path} is not marked as a secret`),
  );

const isWithin = (path: string, outer: string): boolean =>
  path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);

interface LabelRule {
  readonly input: string;
  readonly most: number;
  readonly key: RegExp;
  readonly value: RegExp;
  /** Whether two keys may differ by case alone. */
  readonly byCase: boolean;
}
const tagsOfAzure = { input: "tags", key: /^[^<>%&\\?/]{1,512}$/, value: /^.{0,256}$/su, byCase: false };
const labelsOfGoogle = { most: 64, key: /^[a-z][a-z0-9_-]{0,62}$/, value: /^[a-z0-9_-]{0,63}$/, byCase: true };
const ofKubernetes = /^(([a-z0-9.-]{1,253}\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)$/;

/** What each cloud takes as tags or labels: by the beginning of a type, the most telling first. */
const labelRules: readonly (readonly [type: string, rule: LabelRule])[] = [
  [
    "aws:",
    {
      input: "tags",
      most: 50,
      key: /^(?!aws:)[\p{L}\p{N} _.:/=+@-]{1,128}$/u,
      value: /^[\p{L}\p{N} _.:/=+@-]{0,256}$/u,
      byCase: true,
    },
  ],
  ["azure-native:dns:", { ...tagsOfAzure, most: 15 }],
  ["azure-native:privatedns:", { ...tagsOfAzure, most: 15 }],
  ["azure-native:storage:", { ...tagsOfAzure, most: 50, key: /^[^<>%&\\?/]{1,128}$/ }],
  ["azure-native:", { ...tagsOfAzure, most: 50 }],
  ["gcp:container/cluster:", { ...labelsOfGoogle, input: "resourceLabels" }],
  ["gcp:container/nodePool:", { ...labelsOfGoogle, input: "nodeConfig.resourceLabels" }],
  ["gcp:sql/databaseInstance:", { ...labelsOfGoogle, input: "settings.userLabels" }],
  ["gcp:", { ...labelsOfGoogle, input: "labels" }],
  [
    "kubernetes:",
    {
      input: "metadata.labels",
      most: 1000,
      key: ofKubernetes,
      value: /^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/,
      byCase: true,
    },
  ],
];

function labelFaults({ type, name, inputs }: RecordedResource): readonly string[] {
  const rule = labelRules.find(([beginning]) => type.startsWith(beginning))?.[1];
  if (rule === undefined) return [];
  const found = rule.input
    .split(".")
    .reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key], inputs);
  if (typeof found !== "object" || found === null) return [];
  const entries = Object.entries(found);
  const keys = entries.map(([key]) => (rule.byCase ? key : key.toLowerCase()));
  return [
    entries.length > rule.most ? `${entries.length} in ${rule.input}, and ${rule.most} is the most` : "",
    ...keys.filter((key, index) => keys.indexOf(key) !== index).map((key) => `${key} twice in ${rule.input}`),
    ...entries.map(([key, value]) =>
      rule.key.test(key) && rule.value.test(String(value)) ? "" : `${rule.input} ${key}: ${String(value)} will not do`,
    ),
  ].flatMap((fault) => (fault === "" ? [] : [`${type} ${name}: ${fault}`]));
}
