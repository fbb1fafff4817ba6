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

/** The smallest stack of each kind that the suites start from. */
export const awsStack = { cloud: "aws", region: "eu-west-1" } as const;
export const awsProduction = {
  ...awsStack,
  environment: "production",
  cluster: { access: { cidrs: ["203.0.113.0/24"] } },
} as const;
export const localStack = { cloud: "local" } as const;
