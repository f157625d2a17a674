/** A command of a console block, and what the page shows that it prints. */
export interface Shown {
  command: string;
  output: string[];
}

/** The commands of a console block. A command goes on in the next line behind a backslash. */
export function shownIn(text: string): Shown[] {
  const shown: Shown[] = [];
  let goesOn = false;
  for (const line of text.split("\n")) {
    const last = shown.at(-1);
    if (goesOn && last) last.command += `\n${line}`;
    else if (line.startsWith("$ ")) shown.push({ command: line.slice(2), output: [] });
    else if (last) last.output.push(line);
    else throw new Error(`a console block begins with "$ <command>", not with "${line}"`);
    goesOn = line.endsWith("\\") && (goesOn || line.startsWith("$ "));
  }
  return shown;
}

/** Whether a program printed what a page shows: `…` is any text in a line, and alone any number of lines. */
export function isAsShown(printed: string, shown: readonly string[]): boolean {
  // Empty lines at the end are of the page, or of the program, and say nothing.
  const lines = shown.join("\n").trimEnd().split("\n");
  const patterns = lines.map((line) =>
    line.trim() === "…"
      ? "(?:[^\\n]*\\n)*?"
      : `${line.trimEnd().split("…").map(escaped).join("[^\\n]*")}[ \\t]*\\n`,
  );
  return new RegExp(`^${patterns.join("")}$`).test(`${printed.trimEnd()}\n`);
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
