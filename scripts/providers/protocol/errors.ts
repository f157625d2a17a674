import { Metadata, status } from "@grpc/grpc-js";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { PartialFailure, type Props } from "./provider";
import { toStruct } from "./values";

/** The error that a gRPC handler returns. */
export class ServiceError extends Error {
  readonly code = status.UNKNOWN;

  constructor(
    message: string,
    readonly metadata?: Metadata,
  ) {
    super(message);
  }
}

/** The gRPC form of a thrown value. A partial failure contains the resource's state. */
export function serviceError(
  error: unknown,
  inputs: Props = {},
  secrets: readonly string[] = [],
): ServiceError {
  if (error instanceof ServiceError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof PartialFailure)) return new ServiceError(message);
  return new ServiceError(message, initFailed(error, inputs, secrets));
}

function initFailed(failure: PartialFailure, inputs: Props, secrets: readonly string[]): Metadata {
  const detail = new ErrorResourceInitFailed();
  detail.setId(failure.id);
  detail.setProperties(toStruct(failure.outputs, secrets));
  detail.setInputs(toStruct(inputs));
  detail.setReasonsList(failure.reasons);
  const packed = new Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const envelope = new Status();
  envelope.setCode(status.UNKNOWN);
  envelope.setMessage(failure.message);
  envelope.addDetails(packed);
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(envelope.serializeBinary()));
  return metadata;
}
