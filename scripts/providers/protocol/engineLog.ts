import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

const SEVERITY = {
  debug: LogSeverity.DEBUG,
  info: LogSeverity.INFO,
  warning: LogSeverity.WARNING,
  error: LogSeverity.ERROR,
};

/** Messages to the engine that runs the update. */
export class EngineLog {
  private client: EngineClient | undefined;

  /** Sends to the engine at this address from now on. */
  attach(address: string | undefined): void {
    if (address) this.client = new EngineClient(address, credentials.createInsecure());
  }

  /** Sends a message. A lost message must not fail the work that it describes. */
  send(urn: string, text: string, severity: keyof typeof SEVERITY, ephemeral: boolean): void {
    const request = new LogRequest();
    request.setUrn(urn);
    request.setMessage(text);
    request.setSeverity(SEVERITY[severity]);
    request.setEphemeral(ephemeral);
    this.client?.log(request, () => {});
  }
}
