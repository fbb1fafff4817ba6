import * as pulumi from "@pulumi/pulumi";
import type { RecordedResource } from "../../plan/record.js";

export type Row = Pick<
  RecordedResource,
  "name" | "type" | "inputs" | "read" | "urn" | "provider" | "dependsOn" | "protect" | "custom" | "secretInputs"
>;
type ResourceClass = new (name: string, args: object, opts: pulumi.CustomResourceOptions) => pulumi.CustomResource;

/**
 * Registers recorded rows by their SDK classes, with no component around them. As in such a program, the classes are
 * loaded first and then everything is made at once: a wait between two would keep its promises from piling up.
 */
export async function registerFlat(rows: readonly Row[]): Promise<void> {
  // As the platform does: what is compared is the program, not the SDK's stack traces.
  Error.stackTraceLimit = 2;
  const made = new Map<string, pulumi.Resource>();
  const own = rows.filter((row) => row.custom && !row.read);
  const inOrder = [...own].sort((a, b) => rank(a) - rank(b));
  const loaded = await Promise.all(inOrder.map(async (row) => ({ row, Class: await classOf(row) })));
  for (const { row, Class } of loaded) {
    const provider = made.get(row.provider ?? "") as pulumi.ProviderResource | undefined;
    const dependsOn = row.dependsOn.flatMap((urn) => made.get(urn) ?? []);
    const opts = { protect: row.protect, dependsOn, ...(provider === undefined ? {} : { provider }) };
    made.set(row.urn, new Class(`${row.name}-${made.size}`, inputsOf(row), opts));
  }
}

export const rank = ({ type }: Pick<Row, "type">): number => (type.startsWith("pulumi:providers:") ? 0 : 1);

const inputsOf = (row: Row): object =>
  row.secretInputs.length === 0 ? row.inputs : { ...row.inputs, ...secretly(row) };

const secretly = ({ inputs, secretInputs }: Row): object =>
  Object.fromEntries(
    [...new Set(secretInputs.map((path) => path.split(/[.[]/, 1)[0] ?? path))].map((key) => [
      key,
      pulumi.secret(inputs[key]),
    ]),
  );

const custom = async () => (await import("@pulumi/kubernetes/apiextensions/customResource.js")).CustomResource;

const packageOf = (pkg: string): string => (pkg === "time" ? "@pulumiverse/time" : `@pulumi/${pkg}`);

/** Where each SDK keeps a class: `aws:ec2/vpc:Vpc` is in `ec2/vpc.js`, `azure-native:network:Subnet` in `network/subnet.js`. */
function pathOf(pkg: string, module: string, name: string): string {
  const file = name.charAt(0).toLowerCase() + name.slice(1);
  if (pkg === "kubernetes") return `${module.replace(/\.k8s\.io\/|\.sh\//, "/")}/${file}`;
  if (pkg === "azure-native") return `${module}/${file}`;
  // Google's tokens say `iAMMember` where the files say `iammember`.
  return module.replace(/^index\//, "").replace("/iAMMember", "/iammember");
}

/** The class of a type, by sub-module, as the platform loads them. */
async function classOf({ type }: Row): Promise<ResourceClass> {
  const [pkg = "", module = "", name = ""] = type.split(":");
  if (pkg === "pulumi") {
    const loaded = (await import(`${packageOf(name)}/provider.js`)) as Record<string, ResourceClass>;
    return loaded["Provider"] as ResourceClass;
  }
  try {
    const loaded = (await import(`${packageOf(pkg)}/${pathOf(pkg, module, name)}.js`)) as Record<string, ResourceClass>;
    return loaded[name] as ResourceClass;
  } catch (error) {
    if (pkg !== "kubernetes") throw error;
    return (await custom()) as unknown as ResourceClass;
  }
}
