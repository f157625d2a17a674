import type { ChangeLine } from "./lines";

/** The lines for a terminal or a log. Empty without a change. */
export function asText(lines: readonly ChangeLine[]): string {
  return lines
    .map(({ subject, change, effects }) => `${subject}: ${change}: ${effects.join(", ")}\n`)
    .join("");
}

/** What a note says in addition to the lines. */
export interface Note {
  /** The stack's name. */
  stack: string;
  /** The commit that the note is about, in a pipeline. The title has the beginning of it. */
  commit?: string;
  /** What a reader must not miss, such as data that would go: it stands first. */
  dangers?: readonly string[];
  /** Warnings of the preview, such as a primary that could not be looked at. */
  warnings?: readonly string[];
  /** Why the preview failed. The lines are those that were known by then. */
  errors?: readonly string[];
}

/** The same as Markdown, for a merge request. Values stand in code: nothing in them is a mention or a link. */
export function asMarkdown(
  lines: readonly ChangeLine[],
  { stack, commit, dangers = [], warnings, errors }: Note,
): string {
  const items = lines.map(
    ({ subject, change, effects }) =>
      `- **${escaped(subject)}**: ${code(change)}: ${escaped(effects.join(", "))}`,
  );
  const count = items.length === 1 ? "1 change" : `${items.length} changes`;
  const said =
    dangers.length > 0
      ? "refused"
      : errors?.length
        ? "the preview failed"
        : items.length === 0
          ? "no change"
          : count;
  const at = commit ? ` at ${code(commit.slice(0, 8))}` : "";
  return [
    `### Laterbase, stack ${code(stack)}${at}: ${said}`,
    ...(dangers.length > 0 ? ["", ...dangers.map((one) => `- ${code(one)}`)] : []),
    ...(items.length > 0 ? ["", ...items] : []),
    ...list("Errors", errors),
    ...list("Warnings", warnings),
    "",
  ].join("\n");
}

function list(title: string, sentences: readonly string[] = []): string[] {
  return sentences.length === 0
    ? []
    : ["", `**${title}**`, "", ...sentences.map((one) => `- ${code(one)}`)];
}

/** A code span whose fence is longer than any run of backticks in it. */
function code(text: string): string {
  const line = text.replace(/\s*\n\s*/g, " ").trim();
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** Text in which no character means anything to Markdown. */
function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>|#~@]/g, "\\$&");
}
