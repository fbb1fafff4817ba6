import { ChannelCredentials } from "@grpc/grpc-js";
import resourceRpc from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import resourcePb from "@pulumi/pulumi/proto/resource_pb.js";
import structPb from "google-protobuf/google/protobuf/struct_pb.js";
import type { Request } from "../plugin.js";
import type { Props } from "./serve.js";

/** A resource that a component holds. */
export interface Child {
  readonly type: string;
  readonly name: string;
  readonly inputs: Props;
}

/**
 * What a provider does that is asked for a component: it registers the component and what is in it with the engine,
 * as a program does, by the provider that the program gave. Children inherit the other options from the component.
 */
export async function registerComponent(request: Request, children: readonly Child[]): Promise<string> {
  const monitor = new resourceRpc.ResourceMonitorClient(
    request.getMonitorendpoint(),
    ChannelCredentials.createInsecure(),
    { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 },
  ) as unknown as Monitor;
  try {
    const component = componentIn(request);
    const urn = await registered(monitor, component);
    const provider = request.getProvidersMap().get(packageOf(request.getType()));
    await Promise.all(children.map((child) => registered(monitor, childOf(urn, provider, child))));
    await new Promise<void>((resolve, reject) => {
      const outputs = new resourcePb.RegisterResourceOutputsRequest();
      outputs.setUrn(urn);
      outputs.setOutputs(structPb.Struct.fromJavaScript({}));
      monitor.registerResourceOutputs(outputs, (error) => (error === null ? resolve() : reject(error)));
    });
    return urn;
  } finally {
    monitor.close();
  }
}

type Registration = InstanceType<typeof resourcePb.RegisterResourceRequest>;
interface Monitor {
  registerResource(
    request: Registration,
    answer: (error: Error | null, response: InstanceType<typeof resourcePb.RegisterResourceResponse>) => void,
  ): void;
  registerResourceOutputs(
    request: InstanceType<typeof resourcePb.RegisterResourceOutputsRequest>,
    answer: (error: Error | null) => void,
  ): void;
  close(): void;
}

const registered = (monitor: Monitor, request: Registration): Promise<string> =>
  new Promise((resolve, reject) =>
    monitor.registerResource(request, (error, response) =>
      error === null ? resolve(response.getUrn()) : reject(error),
    ),
  );

function componentIn(request: Request): Registration {
  const registration = new resourcePb.RegisterResourceRequest();
  registration.setType(request.getType());
  registration.setName(request.getName());
  registration.setParent(request.getParent());
  registration.setAliasesList(request.getAliasesList());
  registration.setDependenciesList(request.getDependenciesList());
  registration.setDeletedwith(request.getDeletedwith());
  if (request.hasProtect()) registration.setProtect(request.getProtect());
  if (request.hasRetainondelete()) registration.setRetainondelete(request.getRetainondelete());
  registration.setAcceptsecrets(true);
  request.getProvidersMap().forEach((provider: string, name: string) => {
    registration.getProvidersMap().set(name, provider);
  });
  return registration;
}

function childOf(parent: string, provider: string, { type, name, inputs }: Child): Registration {
  const registration = new resourcePb.RegisterResourceRequest();
  registration.setType(type);
  registration.setName(name);
  registration.setParent(parent);
  registration.setCustom(true);
  registration.setProvider(provider);
  registration.setObject(
    structPb.Struct.fromJavaScript(inputs as Parameters<typeof structPb.Struct.fromJavaScript>[0]),
  );
  registration.setAcceptsecrets(true);
  registration.setSupportspartialvalues(true);
  return registration;
}

/** `kubernetes:helm.sh/v4:Chart` is of `kubernetes`. */
const packageOf = (type: string): string => type.slice(0, type.indexOf(":"));
