import { InvalidArgumentError, Option } from "commander";
import type { Finding, Level, Report } from "../../primary";
import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { CliError } from "../terminal/cliError";
import { count } from "../terminal/format";

export const preflight: OperatorCommand = {
  name: "preflight",
  description: "check the primary before 'up': what stops it, what can do harm; changes nothing",
  example: "preflight --stack studio",
  documented: "docs/external-primary.md#what-is-checked-first",
  exits: {
    1: "something blocks a standby, or the primary could not be checked",
    4: "what an earlier stack left was not to be removed; nothing was changed",
  },
  needs: "images",
  options: [
    new Option(
      "--take-over <number>",
      "first remove what an earlier stack of the same name left on the primary; the refusal says its number",
    ).argParser(ownerNumber),
    new Option("--yes", "remove it without asking"),
  ],
  run: check,
};

function ownerNumber(text: string): string {
  if (/^[0-9a-f]{8}(\.\d+)?$/.test(text)) return text;
  throw new InvalidArgumentError("It must be the number in the refusal, such as 1a2b3c4d.");
}

/** A finding that blocks is a failure. */
async function check(
  session: Session,
  { takeOver, yes }: { takeOver?: string; yes?: boolean },
): Promise<void> {
  const { servers, signal, stack } = session;
  if (takeOver !== undefined) {
    const question = `This removes from the primary what the stack ${stack} of the number ${takeOver} made there: its roles, its slots and its lines in pg_hba.conf. If it is still in use, its standbys lose their slots.\nType yes to go on: `;
    await session.confirm(question, "yes", yes);
    session.stopIfInterrupted("nothing was changed");
  }
  const report = await servers.preflight(stack, progress(session), signal, takeOver);
  const blocked = report.findings.some(({ level }) => level === "block");
  session.show({ ready: !blocked, ...report }, () => reportText(report));
  if (blocked) throw new CliError("");
}

/** What happens meanwhile: each turn once, however many parts of the check say it. */
function progress({ terminal }: Session): (turn: string) => void {
  let last = "";
  return (turn) => {
    if (turn !== last) terminal.progress(turn);
    last = turn;
  };
}

const width = 100;
const margin = 8;

/** The findings, the worst first: each with what it means and what to do. */
export function reportText({ server, findings, removed }: Report): string {
  const head = server
    ? [`PostgreSQL ${server.version}, ${count(server.databases, "database")}: ${server.build}`]
    : [];
  const before = removed
    ? [["Removed what the earlier stack had left:", ...removed].join("\n")]
    : [];
  const changed = removed ? "Nothing else was changed." : "Nothing was changed.";
  return [...before, ...head, ...findings.map(findingText), `${summary(findings)} ${changed}`].join(
    "\n\n",
  );
}

function findingText({ level, finding, means, todo }: Finding): string {
  const [first = "", ...copied] = todo.split("\n");
  const paragraphs = [finding, means, first].filter(Boolean).flatMap((text) => wrapped(text));
  const lines = [...paragraphs, ...copied].map((line) => " ".repeat(margin) + line);
  return level.toUpperCase().padEnd(margin) + lines.join("\n").slice(margin);
}

function wrapped(text: string): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width - margin) lines[lines.length - 1] += ` ${word}`;
    else lines.push(word);
  }
  return lines;
}

function summary(findings: readonly Finding[]): string {
  const number = (level: Level) => findings.filter((one) => one.level === level).length;
  const [blocks, warnings] = [number("block"), number("warn")];
  if (blocks > 0) {
    const them = blocks === 1 ? "the blocking finding" : `the ${blocks} blocking findings`;
    return `Laterbase cannot make a standby until you resolve ${them}.`;
  }
  const but = warnings > 0 ? `; please read ${count(warnings, "warning")} above first` : "";
  return `Laterbase can make a standby${but}.`;
}
