import { Argument, Option } from "commander";
import type { DumpRequest } from "../../../contract/agentRequests";
import type { JobRecord } from "../../../contract/jobRecord";
import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { CliError } from "../terminal/cliError";
import { omitted, seconds, size, word } from "../terminal/format";
import { table } from "../terminal/table";
import { quoted } from "../../../contract/quoting";
import { visible } from "../../../contract/visible";

export const dump: OperatorCommand = {
  name: "dump",
  description: "dump databases now",
  example: "dump mfi_banking",
  documented: "docs/dumps.md#by-hand",
  arguments: [
    new Argument("[database...]", "the databases to dump; by default those of laterbase:dumps"),
  ],
  options: [
    new Option("--accept-smaller", "keep a dump even when it is much smaller than the last one"),
  ],
  run: dumpNow,
};

/** Fails when one of the databases could not be dumped. */
async function dumpNow(
  session: Session,
  databases: string[],
  { acceptSmaller = false }: { acceptSmaller?: boolean },
): Promise<void> {
  const request: DumpRequest = {
    // When a scheduled dump runs, this one waits for its end.
    wait: true,
    ...(databases.length > 0 ? { databases } : {}),
    ...(acceptSmaller ? { acceptSmaller } : {}),
  };
  const record = await session.ask<JobRecord>("dump", { ...request });
  if (record.result !== "success") throw new CliError(record.detail);
  session.show(record, () => summary(session, record));
}

function summary(session: Session, { databases = [], leftOut = [], detail }: JobRecord): string {
  const rows = databases.map((one) => [
    ...[one.database, one.folder ?? "", size(one.bytes ?? 0), seconds(one.seconds)],
    one.source ?? "",
  ]);
  const first = databases.find(({ folder }) => folder);
  const next = first?.folder
    ? `\nTo restore one into a new database: ${session.command(`restore-dump ${word(first.folder)}`)}`
    : "";
  const notes = [
    ...databases.map((one) => `${quoted(one.database)}: ${visible(one.detail)}`),
    ...leftOut.map((one) => omitted("Not dumped", one)),
  ];
  return [table([["DATABASE", "ID", "SIZE", "TIME", "SOURCE"], ...rows]), ...notes, visible(detail)]
    .join("\n")
    .concat(next);
}
