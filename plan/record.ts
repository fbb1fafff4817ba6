import * as pulumi from "@pulumi/pulumi";
import provproto from "@pulumi/pulumi/proto/provider_pb.js";
import resproto, {
  type ReadResourceRequest,
  type RegisterResourceRequest,
  type ResourceInvokeRequest,
} from "@pulumi/pulumi/proto/resource_pb.js";
import debuggable from "@pulumi/pulumi/runtime/debuggable.js";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";
import * as runtimeSettings from "@pulumi/pulumi/runtime/settings.js";
import * as runtimeState from "@pulumi/pulumi/runtime/state.js";
import structproto from "google-protobuf/google/protobuf/struct_pb.js";

// Both are marked internal in the SDK's declarations: `setMocks` builds a monitor of its own and offers no way to give it
// ours, and `disconnect` forgets the monitor, so that whatever registers afterwards fails.
const { waitForRPCs } = runtimeSettings as unknown as { waitForRPCs(): Promise<void> };
const { getStore } = runtimeState as unknown as { getStore(): object };

/** The SDK keeps a stack trace for each of thousands of promises, for a hang that a recording can't have. */
const tracing = debuggable as unknown as {
  debuggablePromise: <T>(promise: Promise<T>, context: unknown) => Promise<T>;
};
const { debuggablePromise } = tracing;
tracing.debuggablePromise = (promise, context) => {
  const frames = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return debuggablePromise(promise, context);
  } finally {
    Error.stackTraceLimit = frames;
  }
};

/** What a value reads as where only a real cloud could tell it. */
export const UNKNOWN = "[unknown]";

export type Properties = Readonly<Record<string, unknown>>;

/** One resource as the engine would have been asked for it. */
export interface RecordedResource {
  readonly name: string;
  readonly type: string;
  readonly urn: string;
  readonly parent: string | undefined;
  readonly custom: boolean;
  /** A read (`Resource.get`, a StackReference): nothing is made, nothing is changed. */
  readonly read: boolean;
  readonly inputs: Properties;
  /** Paths in `inputs` that carry the secret mark, like `spec.tokens[0]`. */
  readonly secretInputs: readonly string[];
  readonly dependsOn: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly deletedWith: string | undefined;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly aliases: readonly string[];
  readonly deleteBeforeReplace: boolean;
  readonly customTimeouts: Readonly<Record<string, string>>;
  /** The URN of its explicit provider. */
  readonly provider: string | undefined;
}

/** A call of a provider's function (`aws.getCallerIdentity`). */
export interface RecordedCall {
  readonly token: string;
  readonly inputs: Properties;
}

export interface Recording<T> {
  readonly result: T;
  readonly resources: readonly RecordedResource[];
  readonly calls: readonly RecordedCall[];
  /** Whatever the program said through `pulumi.log`. */
  readonly log: readonly string[];
}

export interface RecordOptions {
  readonly stack: string;
  readonly project: string;
  readonly organization: string;
  /** In a preview whatever a provider alone could tell is unknown; otherwise `outputs` tells it. */
  readonly preview: boolean;
  /** `namespace:key` -> value, as the engine hands them over. */
  readonly config: Readonly<Record<string, string>>;
  readonly secretConfig: readonly string[];
  /** What a provider would add to the inputs of a resource. Asked only outside a preview, and for reads that it knows. */
  readonly outputs: (resource: RecordedResource) => Properties | undefined;
  /** Answers a provider's function; undefined means that nobody stubbed it, and the recording fails. */
  readonly call: (call: RecordedCall) => Properties | undefined;
  readonly onProgress?: (resources: number) => void;
}

const SIG = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";
const WIRE_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A value as it crosses the wire -> a plain one; secret envelopes are opened and their paths noted. */
function unwrap(value: unknown, path: string, secrets: string[]): unknown {
  if (value === WIRE_UNKNOWN) return UNKNOWN;
  if (Array.isArray(value)) return value.map((item, i) => unwrap(item, `${path}[${i}]`, secrets));
  if (typeof value !== "object" || value === null) return value;
  const map = value as Record<string, unknown>;
  if (map[SIG] === SECRET) {
    secrets.push(path);
    return unwrap(map["value"], path, []);
  }
  if (map[SIG] === RESOURCE) return map["urn"];
  return Object.fromEntries(
    Object.entries(map).map(([key, item]) => [key, unwrap(item, path === "" ? key : `${path}.${key}`, secrets)]),
  );
}

const asSecret = (value: unknown): unknown => ({ [SIG]: SECRET, value });

const { Struct } = structproto;
type Struct = structproto.Struct;
type Answer = (error: unknown, response: unknown) => void;

/**
 * Pulumi's mock monitor sees no parents, dependencies or protection and keeps only the direct parent's type in a URN.
 * This one reads the request itself, so that a recording says what a real engine would be told.
 */
class RecordingMonitor extends MockMonitor {
  readonly recorded: RecordedResource[] = [];
  readonly calls: RecordedCall[] = [];
  readonly failures: Error[] = [];
  /** Settles at the first failure: what waits for that registration or call would wait for ever. */
  readonly failed: Promise<void>;
  private announce: () => void = () => undefined;
  private readonly urns = new Set<string>();

  constructor(private readonly options: RecordOptions) {
    super({ call: () => ({}), newResource: () => ({ id: undefined, state: {} }) });
    this.failed = new Promise((resolve) => {
      this.announce = resolve;
    });
  }

  remember(failure: unknown): void {
    this.failures.push(failure instanceof Error ? failure : new Error(String(failure)));
    this.announce();
  }

  override async registerResource(request: RegisterResourceRequest, answer: Answer): Promise<void> {
    this.handle(answer, () => {
      const resource = this.add(
        { ...this.identify(request, request.getObject()), ...registered(request) },
        request.getRemote(),
      );
      const response = new resproto.RegisterResourceResponse();
      response.setUrn(resource.urn);
      response.setId(resource.custom ? this.idOf(resource) : "");
      response.setObject(asStruct(this.stateOf(resource, request.getAdditionalsecretoutputsList())));
      return response;
    });
  }

  override async readResource(request: ReadResourceRequest, answer: Answer): Promise<void> {
    this.handle(answer, () => {
      const resource = this.add({ ...this.identify(request, request.getProperties()), ...onlyRead });
      const response = new resproto.ReadResourceResponse();
      response.setUrn(resource.urn);
      response.setProperties(asStruct(this.stateOf(resource, request.getAdditionalsecretoutputsList())));
      return response;
    });
  }

  override async invoke(request: ResourceInvokeRequest, answer: Answer): Promise<void> {
    this.handle(answer, () => {
      const inputs = unwrap(request.getArgs()?.toJavaScript() ?? {}, "", []) as Properties;
      const call = { token: request.getTok(), inputs };
      this.calls.push(call);
      if (request.getProvider() === "") {
        throw new Error(`${call.token} is called with a default provider: pass { parent } or { provider }`);
      }
      const result = this.options.call(call);
      if (result === undefined) throw new Error(`nobody stubbed the call ${call.token}(${JSON.stringify(inputs)})`);
      const response = new provproto.InvokeResponse();
      response.setReturn(asStruct(result));
      return response;
    });
  }

  override registerResourceOutputs(_request: unknown, answer: Answer): void {
    answer(null, {});
  }

  private handle(answer: Answer, respond: () => unknown): void {
    try {
      answer(null, respond());
    } catch (error) {
      this.remember(error);
      answer(error, undefined);
    }
  }

  private identify(request: RegisterResourceRequest | ReadResourceRequest, object: Struct | undefined) {
    const secretInputs: string[] = [];
    const inputs = unwrap(object?.toJavaScript() ?? {}, "", secretInputs) as Properties;
    const parent = request.getParent();
    const name = request.getName();
    const type = request.getType();
    const parentTypes = parent === "" ? "" : `${parent.split("::")[2]}$`;
    return {
      name,
      type,
      urn: `urn:pulumi:${this.options.stack}::${this.options.project}::${parentTypes}${type}::${name}`,
      parent: parent === "" ? undefined : parent,
      inputs,
      secretInputs,
      dependsOn: [...request.getDependenciesList()].sort(),
      provider: providerUrn(request.getProvider()),
    };
  }

  /** A remote component is made by a provider as well: it has inputs, and what is in it nobody else knows. */
  private add(resource: RecordedResource, remote = false): RecordedResource {
    const { type, name, urn, custom, provider } = resource;
    if ((custom || remote) && !type.startsWith("pulumi:") && provider === undefined) {
      throw new Error(`${type} ${name} has no explicit provider: pass { parent } or { provider }`);
    }
    if (this.urns.has(urn)) throw new Error(`two resources have the URN ${urn}`);
    this.urns.add(urn);
    this.recorded.push(resource);
    this.options.onProgress?.(this.recorded.length);
    return resource;
  }

  private idOf(resource: RecordedResource): string {
    // A provider always has an id; any other id is a cloud's to give, and a returned one would be known in a preview.
    if (this.options.preview && !resource.type.startsWith("pulumi:providers:")) return "";
    const { id = `${resource.name}-id` } = this.options.outputs(resource) ?? {};
    return String(id);
  }

  private stateOf(resource: RecordedResource, additionalSecrets: readonly string[]): Properties {
    const answered = !this.options.preview || resource.read ? this.options.outputs(resource) : undefined;
    const state: Record<string, unknown> = { ...(onWire(resource.inputs) as Properties), ...answered };
    const secretInputs = resource.secretInputs.map((path) => path.split(/[.[]/, 1)[0] ?? path);
    for (const key of [...additionalSecrets, ...secretInputs]) {
      if (key in state) state[key] = asSecret(state[key]);
    }
    return state;
  }
}

const asStruct = (value: Properties): Struct =>
  Struct.fromJavaScript(value as Parameters<typeof Struct.fromJavaScript>[0]);

function registered(request: RegisterResourceRequest) {
  return {
    custom: request.getCustom(),
    read: false,
    propertyDependencies: propertyDependencies(request),
    protect: request.getProtect() ?? false,
    retainOnDelete: request.getRetainondelete() ?? false,
    deletedWith: request.getDeletedwith() === "" ? undefined : request.getDeletedwith(),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    aliases: request.getAliasesList().map((alias) => alias.getUrn() || (alias.getSpec()?.getName() ?? "")),
    deleteBeforeReplace: request.getDeletebeforereplace() ?? false,
    customTimeouts: timeouts({ ...request.getCustomtimeouts()?.toObject() }),
  };
}

const onlyRead = {
  custom: true,
  read: true,
  propertyDependencies: {},
  protect: false,
  retainOnDelete: false,
  deletedWith: undefined,
  ignoreChanges: [],
  replaceOnChanges: [],
  aliases: [],
  deleteBeforeReplace: false,
  customTimeouts: {},
};

/** Plain inputs as a provider would give them back: what it was not told stays unknown. */
function onWire(value: unknown): unknown {
  if (value === UNKNOWN) return WIRE_UNKNOWN;
  if (Array.isArray(value)) return value.map(onWire);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, onWire(item)]));
}

const timeouts = (given: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => value !== "")
      .map(([key, value]) => [key === "pb_delete" ? "delete" : key, value]),
  );

function propertyDependencies(request: RegisterResourceRequest): Record<string, string[]> {
  const result: Record<string, string[]> = {};
  request.getPropertydependenciesMap().forEach((dependencies, key) => {
    const urns = dependencies.getUrnsList();
    if (urns.length > 0) result[key] = [...urns].sort();
  });
  return result;
}

/** The engine's reference to a provider is `URN::id`. */
const providerUrn = (reference: string): string | undefined =>
  reference === "" ? undefined : reference.split("::").slice(0, 4).join("::");

/**
 * Runs a Pulumi program on Pulumi's own mock runtime and says what it registered. One at a time: the runtime is global.
 * A failed registration, an unstubbed call and an unhandled rejection all end it with an error; none is passed over.
 */
export async function record<T>(program: () => T | Promise<T>, options: RecordOptions): Promise<Recording<T>> {
  const monitor = new RecordingMonitor(options);
  const log: string[] = [];
  const { stack, project, preview, organization } = options;
  runtimeSettings.setMockOptions(monitor, project, stack, preview, organization);
  Object.assign(getStore(), {
    supportsSecrets: true,
    supportsResourceReferences: true,
    supportsDeletedWith: true,
    supportsReplaceWith: true,
    supportsAliasSpecs: true,
    supportsParameterization: true,
    supportsResourceHooks: true,
  });
  pulumi.runtime.setAllConfig({ ...options.config }, [...options.secretConfig]);

  const remember = (reason: unknown): void => monitor.remember(reason);
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", remember);
  const console_ = { error: console.error, warn: console.warn, log: console.log };
  console.error = console.warn = (...words: unknown[]) => void log.push(words.join(" "));
  // The runtime takes a stack trace for every promise it makes: long ones, mapped to their sources, are half of a plan.
  const mapped = process.sourceMapsEnabled;
  const frames = Error.stackTraceLimit;
  process.setSourceMapsEnabled(false);
  Error.stackTraceLimit = 2;
  try {
    const result = await program();
    await settle(monitor);
    if (monitor.failures.length > 0) throw monitor.failures[0];
    return { result, resources: monitor.recorded, calls: monitor.calls, log };
  } finally {
    process.setSourceMapsEnabled(mapped);
    Error.stackTraceLimit = frames;
    Object.assign(console, console_);
    process.removeListener("unhandledRejection", remember);
    for (const listener of others) process.on("unhandledRejection", listener);
  }
}

/** Registrations hang on outputs of others, so one wait for the calls under way misses those that follow. */
async function settle(monitor: RecordingMonitor): Promise<void> {
  // After a failure its echoes follow: every output that hung on it rejects in its own turn.
  const enough = () => (monitor.failures.length > 0 ? 50 : 5);
  for (let quiet = 0, seen = -1; quiet < enough(); ) {
    await Promise.race([waitForRPCs(), monitor.failed]);
    await new Promise((resolve) => setImmediate(resolve));
    const now = monitor.recorded.length + monitor.calls.length + monitor.failures.length;
    quiet = now === seen ? quiet + 1 : 0;
    seen = now;
  }
}
