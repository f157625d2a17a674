import "../patches/stubbedDockerode";
import { text } from "node:stream/consumers";
import { deliverFile } from "../engine/deliverFile";
import { runProgram, type Target } from "./runProgram";

/** Where a standby reads the login to its primary. images/postgres/lib/upstream.sh names it. */
const passfile = { folder: "/etc/laterbase", name: "pgpass" };
/** PostgreSQL's user in every image. */
const owner = 999;

/**
 * `replicationPassword.ts <the standby's container>`: puts the passfile on standard input into the running container.
 * The standby reads it at its next connection to the primary; the stream that it has goes on.
 */
async function main({ engine, name }: Target): Promise<string> {
  const content = await text(process.stdin);
  const file = { ...passfile, content, mode: 0o400, owner };
  await deliverFile(engine, name, file);
  return `${name} has the replication role's password.`;
}

void runProgram(
  "replicationPassword.ts <the standby's container>",
  async (target) => console.log(await main(target)),
  "The standby does not have the replication role's password: ",
);
