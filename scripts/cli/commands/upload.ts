import type { Uploaded } from "../../../contract/agentReplies";
import { visible } from "../../../contract/visible";
import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { CliError } from "../terminal/cliError";

export const upload: OperatorCommand = {
  name: "upload",
  description: "upload the finished dumps off site now, and wait for the result",
  example: "upload",
  documented: "docs/dumps.md#off-site",
  exits: { 1: "the upload failed, or there is no dump to upload yet" },
  run: uploadNow,
};

/** When the schedule's upload is under way, it waits for that one. An interruption does not end an upload. */
async function uploadNow(session: Session): Promise<void> {
  const { duplicati } = await session.stackOutputs();
  if (!duplicati) {
    throw new CliError(
      `The stack ${session.stack} uploads nothing: set laterbase:duplicati in Pulumi.${session.stack}.yaml and bring it up.`,
    );
  }
  const uploaded = await session.ask<Uploaded>("upload", {});
  if (uploaded.files === 0) throw new CliError(visible(uploaded.detail));
  session.show(uploaded, () => visible(uploaded.detail));
}
