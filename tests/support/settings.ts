import type { CloudName } from "../../config/names.js";
import { type Parsed, type ParseOptions, parseSettings } from "../../config/settings.js";
import type { Tree } from "../../config/walk.js";

/** Settings as a stack file would say them, without the namespace. */
export const parsed = (said: Tree, options: ParseOptions = {}): Parsed =>
  parseSettings(
    {
      name: "test",
      config: Object.fromEntries(Object.entries(said).map(([key, value]) => [`agent-platform:${key}`, value])),
      encrypted: new Set(),
    },
    options,
  );

export const settingsOf = (said: Tree, options: ParseOptions = {}) => parsed(said, options).settings;

/** Whom alerts reach, as a stack that is watched must say in production. */
export const receivers = {
  pagerduty: { routingKey: "PAGERDUTY_ROUTING_KEY" },
  slack: { webhook: "SLACK_WEBHOOK", channel: "#alerts" },
} as const;

/** Production, which must say who reaches the API server. Nobody watches it: a test that wants that says whom alerts reach. */
const inProduction = {
  environment: "production",
  cluster: { access: { cidrs: ["203.0.113.0/24"] } },
  monitoring: { mode: "none" },
} as const;

/** The smallest stack of each kind that the suites start from. */
export const awsStack = { cloud: "aws", region: "eu-west-1" } as const;
export const awsProduction = { ...awsStack, ...inProduction } as const;
export const localStack = { cloud: "local" } as const;
export const gcpStack = { cloud: "gcp", region: "europe-west1", gcp: { project: "acme-agents" } } as const;
export const gcpProduction = { ...gcpStack, ...inProduction } as const;
export const azureStack = {
  cloud: "azure",
  region: "northeurope",
  azure: { subscription: "0a1b2c3d-0000-4000-8000-1234567890ab" },
} as const;
export const azureProduction = { ...azureStack, ...inProduction } as const;
export const stacks = {
  aws: awsStack,
  gcp: gcpStack,
  azure: azureStack,
  local: localStack,
} as const satisfies Record<CloudName, Tree>;
