import {
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerUnaryCall,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { EngineLog } from "./engineLog";
import { serviceError } from "./errors";
import { ProviderService } from "./service";
import type { Provider } from "./provider";

type Handler = (request: never) => unknown;

/**
 * Runs the provider as a Pulumi plugin: a gRPC server on a free port, which it prints as the first line
 * of standard output. Nothing else may be written there.
 */
export function serve(provider: Provider): void {
  const log = new EngineLog();
  log.attach(process.argv[2]);
  const server = new Server({ "grpc.max_receive_message_length": 400 * 1024 * 1024 });
  const service = new ProviderService(provider, log);
  // The engine ends a plugin by SIGINT, and waits one second for it.
  process.on("SIGINT", () => process.exit(0));
  server.addService(ResourceProviderService, handlers(service));
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.stdout.write(`${port}\n`);
  });
}

/** Every method of the service class as a gRPC handler. */
function handlers(service: ProviderService): UntypedServiceImplementation {
  return Object.fromEntries(
    Object.entries(service.methods()).map(([name, method]) => [
      name,
      async (call: ServerUnaryCall<unknown, unknown>, done: sendUnaryData<unknown>) => {
        try {
          done(null, await (method as Handler)(call.request as never));
        } catch (error) {
          done(serviceError(error));
        }
      },
    ]),
  );
}
