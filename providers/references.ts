import * as pulumi from "@pulumi/pulumi";
import type { Ref, Refs } from "../config/schema.js";

/**
 * Ids that the stack says, or that another stack has as outputs. A component makes one of these and asks it for each
 * id; the other stacks are read once each.
 */
export class References {
  private readonly stacks = new Map<string, pulumi.StackReference>();

  constructor(
    private readonly owner: string,
    private readonly parent: pulumi.Resource,
    /** The stack that fills what is not said. */
    private readonly partStack: string | undefined,
  ) {}

  /** `path` is where the value is among the other stack's outputs, and by default the setting's own path. */
  id(said: Ref | undefined, path: string): pulumi.Output<string> {
    return this.value(said, path);
  }

  ids(said: Refs | undefined, path: string): pulumi.Output<string[]> {
    return this.value(said, path);
  }

  value<T>(said: T | { fromStack: string; output?: string | undefined } | undefined, path: string): pulumi.Output<T> {
    if (isReference(said)) return this.read(said.fromStack, said.output ?? path);
    if (said !== undefined) return pulumi.output(said) as pulumi.Output<T>;
    if (this.partStack === undefined) throw new Error(`${this.owner}: neither ${path} nor fromStack is said`);
    return this.read(this.partStack, path);
  }

  private read<T>(stack: string, path: string): pulumi.Output<T> {
    const full = stackName(stack);
    const reference =
      this.stacks.get(full) ??
      new pulumi.StackReference(
        `${this.owner}-from-${full.replaceAll("/", "-")}`,
        { name: full },
        { parent: this.parent },
      );
    this.stacks.set(full, reference);
    const [output = path, ...rest] = path.split(".");
    return reference.getOutput(output).apply((found: unknown) => {
      const value = rest.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], found);
      if (value === undefined) throw new Error(`stack ${full} has no output ${path}: run 'pulumi up' there first`);
      return value as T;
    });
  }
}

const isReference = (said: unknown): said is { fromStack: string; output?: string | undefined } =>
  typeof said === "object" && said !== null && "fromStack" in said;

/** A stack of this organization and project may be named alone. */
export const stackName = (stack: string): string =>
  stack.includes("/") ? stack : `${pulumi.getOrganization()}/${pulumi.getProject()}/${stack}`;
