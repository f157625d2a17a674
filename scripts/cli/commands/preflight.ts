import type { Finding, Level, Report } from "../../primary";
import { CliError } from "../terminal/cliError";
import { count } from "../terminal/format";
import type { Session } from "../session";

/** Looks at the primary as `up` would do first, and touches nothing. What blocks is a failure. */
export async function preflight(session: Session): Promise<void> {
  const { servers, signal, stack, terminal } = session;
  const report = await servers.preflight(stack, (turn) => terminal.progress(turn), signal);
  const blocked = report.findings.some(({ level }) => level === "block");
  session.show({ ready: !blocked, ...report }, () => reportText(report));
  if (blocked) throw new CliError("");
}

const width = 100;
const margin = 8;

/** What was found, the worst first: each with what it means and what to do. */
export function reportText({ server, findings }: Report): string {
  const head = server
    ? [`PostgreSQL ${server.version}, ${count(server.databases, "database")}: ${server.build}`]
    : [];
  return [...head, ...findings.map(findingText), summary(findings)].join("\n\n");
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
    return `No standby can be made before ${count(blocks, "finding")} above ${blocks === 1 ? "is" : "are"} mended. Nothing was touched.`;
  }
  const worth =
    warnings > 0 ? `, and ${count(warnings, "warning")} above may be worth your time` : "";
  return `A standby can be made${worth}. Nothing was touched.`;
}
