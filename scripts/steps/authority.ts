import { runProgram, type Target } from "./runProgram";
import { makeAuthority } from "./tls/certificates";

/** `authority.ts <name>`: prints an authority's certificate and its key as JSON. */
async function main({ name }: Target): Promise<void> {
  process.stdout.write(JSON.stringify(await makeAuthority(name)));
}

void runProgram("authority.ts <name>", main, "The authority of certificates cannot be made: ");
