const placeholder = String.raw`<[A-Za-z][^<>\n(]*>`;
const token = new RegExp(
  [
    String.raw`(?:\\\n|[ \t])*(?:(?<comment>#[^\n]*)`,
    String.raw`(?<end>\n|\|\||&&|[|;&()])`,
    String.raw`(?<redirection>(?!${placeholder})\d?(?:>>|[<>])(?:&\d| *[^\s<>();|&]+)?)`,
    String.raw`(?<word>(?:${placeholder}|'[^']*'|"(?:\\[^]|[^"\\])*"|\\[^\n]|[^\s'"|;&()<>\\])+))`,
  ].join("|"),
  "gy",
);

/**
 * The commands of a script, each as its words, for comparing them with what there is. It knows quotes, comments,
 * pipes and redirections, and takes a placeholder such as `<stack>` as a word. It expands nothing.
 */
export function commandsIn(script: string): string[][] {
  const commands: string[][] = [[]];
  for (const { groups } of script.matchAll(token)) {
    if (groups?.["end"] !== undefined) commands.push([]);
    else if (groups?.["word"] !== undefined) commands.at(-1)!.push(plain(groups["word"]));
  }
  return commands.filter((words) => words.length > 0);
}

function plain(word: string): string {
  const quoted = /'(?<single>[^']*)'|"(?<double>(?:\\[^]|[^"\\])*)"|\\(?<escaped>.)/g;
  return word.replaceAll(quoted, (...found) => {
    const { single, double, escaped } = found.at(-1) as Record<string, string | undefined>;
    return single ?? double?.replaceAll(/\\([^])/g, "$1") ?? escaped ?? "";
  });
}

/** The script that `npm run <script> -- <args>`, `npm start` or `npm test` starts. Undefined for another command. */
export function npmScript(
  words: readonly string[],
): { script: string; args: string[] } | undefined {
  const [program, ...rest] = words
    .slice(words.findIndex((word) => !/^\w+=/.test(word)))
    .filter((word) => word !== "--silent");
  if (program !== "npm") return undefined;
  const [script, ...args] = rest[0] === "run" ? rest.slice(1) : rest;
  if (script === undefined || (rest[0] !== "run" && !["start", "test"].includes(script))) {
    return undefined;
  }
  return { script, args: args[0] === "--" ? args.slice(1) : args };
}
