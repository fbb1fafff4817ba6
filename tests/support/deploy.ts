import * as pulumi from "@pulumi/pulumi";
import {
  type Properties,
  type RecordedCall,
  type RecordedResource,
  type Recording,
  record,
} from "../../plan/record.js";

/** What the clouds would answer; a test gives only what its program reads. */
export interface Stubs {
  /** Outputs by resource type; `*` for every type. */
  readonly outputs?: Readonly<Record<string, (resource: RecordedResource) => Properties>>;
  /** Answers of functions by token. A call that is not here fails the test. */
  readonly calls?: Readonly<Record<string, (call: RecordedCall) => Properties>>;
  readonly preview?: boolean;
  readonly config?: Readonly<Record<string, string>>;
  readonly secretConfig?: readonly string[];
}

/** What another stack of the program says to whoever reads it by `fromStack`. */
export const otherStack = (outputs: object, secretOutputNames: readonly string[] = []): Stubs => ({
  outputs: { "pulumi:pulumi:StackReference": () => ({ outputs, secretOutputNames }) },
});

/** The one harness: runs a program as the engine would and says what it registered. No test calls `setMocks` itself. */
export const deploy = <T>(program: () => T | Promise<T>, stubs: Stubs = {}): Promise<Recording<T>> =>
  record(program, {
    stack: "test",
    project: "agent-platform",
    organization: "acme",
    preview: stubs.preview ?? false,
    config: stubs.config ?? {},
    secretConfig: stubs.secretConfig ?? [],
    outputs: (resource) => ({ ...stubs.outputs?.["*"]?.(resource), ...stubs.outputs?.[resource.type]?.(resource) }),
    call: (call) => stubs.calls?.[call.token]?.(call),
  });

/** The value of an output, awaited: no assertion hides in a callback that nobody waits for. */
export const valueOf = <T>(output: pulumi.Input<T>): Promise<pulumi.Unwrap<T>> =>
  new Promise((resolve, reject) => {
    const known = pulumi.output(output) as unknown as { promise(): Promise<pulumi.Unwrap<T>> };
    known.promise().then(resolve, reject);
  });

export const isSecret = (output: pulumi.Output<unknown>): Promise<boolean> => pulumi.isSecret(output);
export const isKnown = (output: pulumi.Output<unknown>): Promise<boolean> =>
  (output as unknown as { isKnown: Promise<boolean> }).isKnown;

/** `[type, name]` of everything that was registered, in the order of their names. */
export const inventory = (resources: readonly RecordedResource[]): [type: string, name: string][] =>
  resources.map(({ type, name }): [string, string] => [type, name]).sort((a, b) => (a.join() < b.join() ? -1 : 1));

/** The one resource of that type (and name): fails where there is none or more than one. */
export function only(resources: readonly RecordedResource[], type: string, name?: string): RecordedResource {
  const found = resources.filter((one) => one.type === type && (name === undefined || one.name === name));
  if (found.length !== 1)
    throw new Error(`${found.length} resources of type ${type}${name === undefined ? "" : ` named ${name}`}, not 1`);
  return found[0] as RecordedResource;
}
export const all = (resources: readonly RecordedResource[], type: string): readonly RecordedResource[] =>
  resources.filter((one) => one.type === type);
