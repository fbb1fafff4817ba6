const common = (environment: string) => ({ platform: "agents", environment, "managed-by": "pulumi" });

/** The tags of a thing where the stack says none of its own. */
export const tagsOf = (name: string, environment = "development") => ({ Name: name, ...common(environment) });

/** The same on Google Cloud, where a label has no capitals. */
export const labelsOf = (name: string, environment = "development") => ({ name, ...common(environment) });
