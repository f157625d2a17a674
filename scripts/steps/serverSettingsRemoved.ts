import "../patches/stubbedDockerode";
import type { ServerKind } from "../../contract/names";
import { reloadedFile } from "../../contract/serverSettings";
import { execInContainer } from "../engine/exec";
import { runProgram, type Target } from "./runProgram";

const limitMs = 30_000;
const notThere = [404, 409];

/**
 * `serverSettingsRemoved.ts <a server's container> <primary | standby>`: removes the file of settings that a reload had
 * put in force. A container that is gone or stopped has nothing to read it: the next `up` writes it anew.
 */
async function main({ engine, name }: Target): Promise<void> {
  const file = reloadedFile(process.argv[3] as ServerKind);
  const signal = AbortSignal.timeout(limitMs);
  await execInContainer(engine, name, `rm -f ${file}\n`, signal).catch(
    (error: Error & { statusCode?: number }) => {
      if (!notThere.includes(error.statusCode ?? 0)) throw error;
    },
  );
}

void runProgram("serverSettingsRemoved.ts <a server's container> <primary | standby>", main);
