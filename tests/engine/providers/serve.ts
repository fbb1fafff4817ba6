import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import pluginPb from "@pulumi/pulumi/proto/plugin_pb.js";
import providerRpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import providerPb from "@pulumi/pulumi/proto/provider_pb.js";
import statusPb from "@pulumi/pulumi/proto/status_pb.js";
import anyPb from "google-protobuf/google/protobuf/any_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import structPb from "google-protobuf/google/protobuf/struct_pb.js";
import { plainly, method as plainMethod, type Request, servePlugin } from "../plugin.js";
import { type Child, registerComponent } from "./components.js";
import { opened, sealed } from "./envelopes.js";

export type Props = Record<string, unknown>;

/** What stands for a value that a preview cannot know yet, wherever it is in a tree. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export interface Subject {
  readonly urn: string;
  readonly type: string;
  /** The logical name. */
  readonly name: string;
}
export interface Made extends Subject {
  readonly id: string;
  readonly inputs: Props;
  readonly outputs: Props;
}
export interface How {
  readonly preview: boolean;
  readonly timeoutSeconds: number;
}
export interface Change {
  /** Property paths that differ; none means that nothing is to do. */
  readonly changed: readonly string[];
  /** Those of them that take a new resource. */
  readonly replaces?: readonly string[];
  readonly deleteBeforeReplace?: boolean;
}

/**
 * A provider as the engine sees it, with all that the engine tells: old inputs, previews, time-outs and the provider's
 * own settings, of which the SDK's class of the same purpose hands on none. Secrets arrive open, and what was secret in
 * the inputs is marked again in the outputs: by the engine, or here where the engine sends them marked.
 */
export interface StandIn {
  /** Whether `create` and `update` are asked in previews. */
  readonly previews?: boolean;
  configure?(settings: Props): void | Promise<void>;
  diffConfig?(olds: Props, news: Props): Change;
  check?(subject: Subject, olds: Props, news: Props): Promise<{ inputs: Props; failures?: Failure[] }>;
  diff(made: Made, news: Props, ignored: readonly string[]): Promise<Change>;
  create(subject: Subject, inputs: Props, how: How): Promise<{ id: string; outputs: Props }>;
  /** Undefined where it is gone. */
  read(made: Made): Promise<{ id: string; inputs: Props; outputs: Props } | undefined>;
  update(made: Made, news: Props, how: How): Promise<Props>;
  delete(made: Made, how: How): Promise<void>;
  invoke(token: string, args: Props): Promise<Props>;
  /** Components that the provider makes, by what is in them. The engine asks only those that take secrets. */
  construct?(component: Pick<Subject, "type" | "name">, inputs: Props): Promise<readonly Child[]>;
}

export interface Failure {
  readonly property: string;
  readonly reason: string;
}

/** It was made or changed, and then something went wrong: the engine keeps it, and the next `up` goes on from there. */
export class HalfMade extends Error {
  constructor(
    readonly id: string,
    readonly outputs: Props,
    readonly inputs: Props,
    reason: string,
  ) {
    super(reason);
  }
}

type Struct = InstanceType<typeof structPb.Struct>;
const asSent = (struct: Struct | undefined): Props => (struct?.toJavaScript() ?? {}) as Props;
const open = (struct: Struct | undefined): Props => opened(asSent(struct)) as Props;
// A round through JSON drops what is undefined, which a Struct cannot hold.
const struct = (props: Props): Struct => structPb.Struct.fromJavaScript(JSON.parse(JSON.stringify(props)));

/** The error of something half made, with the marks of what was sent. */
const sealing =
  (inputs: Props, outputs: Props = inputs) =>
  (error: unknown): never => {
    if (!(error instanceof HalfMade)) throw error;
    throw new HalfMade(error.id, sealed(error.outputs, outputs), sealed(error.inputs, inputs), error.message);
  };

/** Serves one provider to the engine that started this process, and ends with it. */
export const serve = (version: string, standIn: StandIn): void =>
  servePlugin(providerRpc.ResourceProviderService, methodsOf(version, standIn));

function methodsOf(version: string, standIn: StandIn): Readonly<Record<string, unknown>> {
  const method = (answer: (request: Request) => Promise<unknown>) => plainMethod(answer, failed);
  const subjectOf = (request: Request): Subject => {
    const urn: string = request.getUrn();
    const [, , types = "", ...name] = urn.split("::");
    return { urn, type: types.split("$").at(-1) ?? "", name: name.join("::") };
  };
  const madeOf = (request: Request, outputs: Props, inputs: Props): Made => ({
    ...subjectOf(request),
    id: request.getId(),
    inputs,
    outputs,
  });
  const howOf = (request: Request): How => ({
    preview: request.getPreview?.() ?? false,
    timeoutSeconds: request.getTimeout?.() ?? 0,
  });
  const diffOf = ({ changed, replaces = [], deleteBeforeReplace = false }: Change) => {
    const response = new providerPb.DiffResponse();
    const { DIFF_NONE, DIFF_SOME } = providerPb.DiffResponse.DiffChanges;
    response.setChanges(changed.length + replaces.length === 0 ? DIFF_NONE : DIFF_SOME);
    response.setDiffsList([...changed]);
    response.setReplacesList([...replaces]);
    response.setDeletebeforereplace(deleteBeforeReplace);
    return response;
  };

  return {
    handshake: method(async () => {
      const response = new providerPb.ProviderHandshakeResponse();
      response.setAcceptSecrets(standIn.construct !== undefined);
      return response;
    }),
    getPluginInfo: method(async () => {
      const info = new pluginPb.PluginInfo();
      info.setVersion(version);
      return info;
    }),
    attach: method(async () => new emptyPb.Empty()),
    cancel: method(async () => new emptyPb.Empty()),
    getSchema: method(async () => {
      const schema = new providerPb.GetSchemaResponse();
      schema.setSchema("{}");
      return schema;
    }),
    checkConfig: method(async (request) => {
      const response = new providerPb.CheckResponse();
      response.setInputs(request.getNews());
      return response;
    }),
    diffConfig: method(async (request) => {
      const [olds, news] = [open(request.getOldInputs() ?? request.getOlds()), open(request.getNews())];
      return diffOf(standIn.diffConfig?.(olds, news) ?? { changed: differing(olds, news) });
    }),
    configure: method(async (request) => {
      await standIn.configure?.(open(request.getArgs()));
      const response = new providerPb.ConfigureResponse();
      response.setSupportspreview(standIn.previews ?? false);
      return response;
    }),
    check: method(async (request) => {
      const news = open(request.getNews());
      const { inputs, failures = [] } = (await standIn.check?.(subjectOf(request), open(request.getOlds()), news)) ?? {
        inputs: news,
      };
      const response = new providerPb.CheckResponse();
      response.setInputs(struct(sealed(inputs, asSent(request.getNews()))));
      for (const { property, reason } of failures) {
        const failure = new providerPb.CheckFailure();
        failure.setProperty(property);
        failure.setReason(reason);
        response.addFailures(failure);
      }
      return response;
    }),
    diff: method(async (request) => {
      const made = madeOf(request, open(request.getOlds()), open(request.getOldInputs()));
      return diffOf(await standIn.diff(made, open(request.getNews()), request.getIgnorechangesList()));
    }),
    create: method(async (request) => {
      const sent = asSent(request.getProperties());
      const { id, outputs } = await standIn
        .create(subjectOf(request), open(request.getProperties()), howOf(request))
        .catch(sealing(sent));
      const response = new providerPb.CreateResponse();
      response.setId(id);
      response.setProperties(struct(sealed(outputs, sent)));
      return response;
    }),
    read: method(async (request) => {
      const [inputs, outputs] = [asSent(request.getInputs()), asSent(request.getProperties())];
      const found = await standIn
        .read(madeOf(request, open(request.getProperties()), open(request.getInputs())))
        .catch(sealing(inputs, outputs));
      const response = new providerPb.ReadResponse();
      if (found === undefined) return response;
      response.setId(found.id);
      response.setInputs(struct(sealed(found.inputs, inputs)));
      response.setProperties(struct(sealed(found.outputs, outputs)));
      return response;
    }),
    update: method(async (request) => {
      const made = madeOf(request, open(request.getOlds()), open(request.getOldInputs()));
      const sent = asSent(request.getNews());
      const outputs = await standIn.update(made, open(request.getNews()), howOf(request)).catch(sealing(sent));
      const response = new providerPb.UpdateResponse();
      response.setProperties(struct(sealed(outputs, sent)));
      return response;
    }),
    delete: method(async (request) => {
      const made = madeOf(request, open(request.getProperties()), open(request.getOldInputs()));
      await standIn.delete(made, howOf(request));
      return new emptyPb.Empty();
    }),
    construct: method(async (request) => {
      const asked = { type: request.getType(), name: request.getName() };
      if (standIn.construct === undefined) throw new Error(`the stand-in makes no component ${asked.type}`);
      const children = await standIn.construct(asked, open(request.getInputs()));
      const response = new providerPb.ConstructResponse();
      response.setUrn(await registerComponent(request, children));
      response.setState(struct({}));
      return response;
    }),
    invoke: method(async (request) => {
      const response = new providerPb.InvokeResponse();
      response.setReturn(struct(await standIn.invoke(request.getTok(), open(request.getArgs()))));
      return response;
    }),
  };
}

/** Top-level properties whose values are not the same; an unknown one is never the same. */
export function differing(olds: Props, news: Props): string[] {
  const keys = new Set([...Object.keys(olds), ...Object.keys(news)]);
  return [...keys].filter((key) => !key.startsWith("__") && canonical(olds[key]) !== canonical(news[key])).sort();
}

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) =>
    typeof one === "object" && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  ) ?? "";

function failed(error: unknown): Partial<ServiceError> {
  if (!(error instanceof HalfMade)) return plainly(error);
  const { message } = error;
  const detail = new providerPb.ErrorResourceInitFailed();
  detail.setId(error.id);
  detail.setProperties(struct(error.outputs));
  detail.setInputs(struct(error.inputs));
  detail.setReasonsList([message]);
  const any = new anyPb.Any();
  any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const all = new statusPb.Status();
  all.setCode(status.UNKNOWN);
  all.setMessage(message);
  all.addDetails(any);
  const metadata = new Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(all.serializeBinary()));
  return { code: status.UNKNOWN, details: message, metadata };
}
