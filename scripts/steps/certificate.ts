import { json } from "node:stream/consumers";
import { runProgram, type Target } from "./runProgram";
import { type KeyPair, signCertificate } from "./tls/certificates";

/** What the step is told on standard input. */
interface Told {
  /** Signs. Its key is a secret. */
  authority: KeyPair;
  /** The names and addresses of the server. */
  hosts: string[];
}

/** `certificate.ts <server>`: prints a server's certificate and its key as JSON. */
async function main({ name }: Target): Promise<void> {
  const { authority, hosts } = (await json(process.stdin)) as Told;
  process.stdout.write(JSON.stringify(await signCertificate(authority, name, hosts)));
}

void runProgram("certificate.ts <server>", main, "The certificate cannot be made: ");
