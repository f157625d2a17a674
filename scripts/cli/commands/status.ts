import { exitOf } from "../../../contract/health/check";
import type { OperatorCommand } from "../operatorCommand";
import type { StatusResult } from "../results";
import type { Session } from "../session";
import { collectSettled } from "../status/settled";
import { statusText } from "../status/text";
import { CliError } from "../terminal/cliError";

export const status: OperatorCommand = {
  name: "status",
  description: "say whether everything works, and show servers, jobs, dumps, backups and disks",
  example: "status",
  documented: "docs/command.md#status",
  exits: {
    1: "a part does not work, or no Docker engine answers",
    3: "something is not as it should be, or could not be looked at",
  },
  run: showStatus,
};

async function showStatus(session: Session): Promise<void> {
  const known = await session.stackState();
  const collected = await collectSettled(session, known);
  const { checks, verdict, sentence } = session.looks.assess(session.stack, known.plain, collected);
  const { facts } = collected;
  const result: StatusResult = {
    stack: session.stack,
    at: facts.at,
    verdict,
    sentence,
    checks,
    facts,
  };
  session.show(result, () => statusText(result));
  const code = exitOf(result);
  if (code !== 0) throw new CliError("", code);
}
