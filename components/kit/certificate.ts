import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { stepCommand } from "./localProgram";

/** A certificate with its private key, both PEM. It is a secret as a whole. */
export type KeyPair = pulumi.Output<{ certificate: string; key: string }>;

/**
 * An authority that signs the certificates of a stack's servers, for ten years. Clients keep its
 * certificate, so nothing makes another one: not a new release of the step, and not destroy.
 *
 * @param subject what its certificate is called
 */
export function authority(name: string, subject: string, parent: pulumi.Resource): KeyPair {
  const made = new command.local.Command(
    name,
    { create: stepCommand("authority", subject), ...silent },
    {
      parent,
      protect: true,
      ignoreChanges: ["create", "logging", "addPreviousOutputInEnv", "environment", "triggers"],
      additionalSecretOutputs: ["stdout"],
    },
  );
  return read(made);
}

/**
 * A server's certificate of the authority, for ten years. Other hosts are another certificate, which
 * clients of the authority trust at once.
 *
 * @param server what the certificate is called
 * @param hosts the names and addresses under which clients reach the server
 */
export function certificate(
  name: string,
  { server, hosts, signer }: { server: string; hosts: readonly string[]; signer: KeyPair },
  parent: pulumi.Resource,
): KeyPair {
  const run = stepCommand("certificate", server);
  const told = signer.apply((authority) => JSON.stringify({ authority, hosts }));
  const made = new command.local.Command(
    name,
    { create: run, update: run, stdin: pulumi.secret(told), ...silent },
    { parent, additionalSecretOutputs: ["stdout"] },
  );
  return read(made);
}

/** What it prints is the key. */
const silent = { logging: "none", addPreviousOutputInEnv: false } as const;

function read({ stdout }: command.local.Command): KeyPair {
  return pulumi
    .secret(stdout)
    .apply((text) => JSON.parse(text) as { certificate: string; key: string });
}
