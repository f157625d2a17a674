import { Argument } from "commander";
import type { RestorePointMade } from "../../../contract/agentReplies";
import type { RestorePointRequest } from "../../../contract/agentRequests";
import { quoted } from "../../../contract/quoting";
import { isPointName, pointNameRule } from "../../../contract/restoreTarget";
import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { CliError } from "../terminal/cliError";
import { word } from "../terminal/format";

export const restorePoint: OperatorCommand = {
  name: "restore-point",
  description: "name this moment, so that a restore can go back to it",
  example: "restore-point before_release",
  documented: "docs/backups.md#restore-points",
  arguments: [new Argument("<name>", "the name of the restore point")],
  exits: { 3: "it was made, and its WAL is not in every repository yet" },
  misuse: (name: string) =>
    isPointName(name)
      ? undefined
      : `a restore point's name has ${pointNameRule}, such as before_release`,
  run: makePoint,
};

async function makePoint(session: Session, name: string): Promise<void> {
  const request: RestorePointRequest = { name };
  const made = await session.askBackups<RestorePointMade>("restore-point", { ...request });
  session.show(made, () => summary(session, made));
  const late = made.archived.find(({ problem }) => problem !== undefined);
  if (!late) return;
  throw new CliError(
    `Repository ${late.repository} does not have the WAL of the restore point yet, so no restore from there reaches it: ${late.problem}`,
    3,
  );
}

function summary(
  session: Session,
  { name, lsn, timeline, at, archived }: RestorePointMade,
): string {
  const there = archived.filter(({ problem }) => problem === undefined);
  const where = there.map(({ repository }) => repository).join(", ");
  return [
    `Restore point ${quoted(name)}: ${lsn} on timeline ${timeline}, at ${at}.`,
    ...(there.length > 0 ? [`Its WAL is in repository ${where}.`] : []),
    `To see the server as it is now, later: ${session.command(`restore --to-name ${word(name)}`)}`,
  ].join("\n");
}
