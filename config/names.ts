/** The words that settings, tables and types share. A cloud is added here and then wherever the compiler says. */
export const cloudNames = ["aws", "gcp", "azure", "local"] as const;
export const environmentNames = ["development", "staging", "production", "dr"] as const;
export const sizeNames = ["small", "medium", "large"] as const;

export type CloudName = (typeof cloudNames)[number];
export type EnvironmentName = (typeof environmentNames)[number];
export type SizeName = (typeof sizeNames)[number];

/** Where a mistake reaches people: production, and the standby that takes its place. */
export const isCareful = (environment: EnvironmentName): boolean =>
  environment === "production" || environment === "dr";
