import * as pulumi from "@pulumi/pulumi";

/**
 * The SDK gives each resource the names of its type in every version of Azure's API as aliases, fifty of them and more,
 * for stacks that were made under one of these. None of this program was, and they are half of the memory that a plan
 * takes, and a third of its time.
 */
export const withoutOldTypes: pulumi.ResourceTransformation = ({ type, props, opts }) => {
  const { aliases } = opts;
  if (!type.startsWith("azure-native:") || aliases === undefined) return undefined;
  return { props, opts: { ...opts, aliases: aliases.filter((alias) => !isOldType(alias)) } };
};

/** One that names a type and nothing else: an alias of ours names what the resource was called. */
const isOldType = (alias: pulumi.Input<pulumi.URN | pulumi.Alias>): boolean =>
  typeof alias === "object" && !pulumi.Output.isInstance(alias) && Object.keys(alias).join() === "type";
