import {
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type ServiceError,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";

// biome-ignore lint/suspicious/noExplicitAny: every request has a class of its own
export type Request = any;
type Reply = (error: Partial<ServiceError> | null, value?: unknown) => void;

/** A method of a gRPC service from a function that answers or throws. */
export const method =
  (answer: (request: Request) => Promise<unknown>, failed: (error: unknown) => Partial<ServiceError> = plainly) =>
  (call: { readonly request: Request }, reply: Reply): void => {
    answer(call.request).then(
      (value) => reply(null, value),
      (error: unknown) => reply(failed(error)),
    );
  };

export const plainly = (error: unknown): Partial<ServiceError> => ({
  code: status.UNKNOWN,
  details: error instanceof Error ? error.message : String(error),
});

/** What makes a process a plugin of the engine: a service on a free port, which is all that it prints at first. */
export function servePlugin(service: unknown, methods: Readonly<Record<string, unknown>>): void {
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(service as ServiceDefinition, methods as unknown as UntypedServiceImplementation);
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) throw error;
    process.stdout.write(`${port}\n`);
  });
  endWithParent();
}

/** An engine that was killed takes its plugins along. */
function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, 50).unref();
}
