import "../patches/stubbedDockerode";
import { keptRecord, recordOf } from "../engine/imageLock";
import { runProgram, type Target } from "./runProgram";

/**
 * `imageLock.ts <role> <image> <stack>`: prints the record of what the engine LATERBASE_ENGINE has under
 * the image's tag. Fails where the record of the last run says another content.
 */
async function main({ engine, name: role }: Target): Promise<void> {
  const [, image = "", stack = ""] = process.argv.slice(2);
  const where = stack === "dev" ? "" : ` --stack ${stack}`;
  const found = await recordOf(engine, image);
  const record = keptRecord(found, {
    role,
    image,
    recorded: process.env["PULUMI_COMMAND_STDOUT"],
    accept: `npm run laterbase -- accept-image ${role}${where}`,
  });
  console.log(record);
}

void runProgram("imageLock.ts <role> <image> <stack>", main);
