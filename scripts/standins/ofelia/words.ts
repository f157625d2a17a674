const brackets: Record<string, string> = { "{": "}", "[": "]", "(": ")" };

/**
 * Splits a command as gobs/args does: on white space, with quotes and backslashes, without a shell. A
 * quote counts only at the start of a word, and its closing quote ends the word. `|`, `>`, `<` or `#` at
 * the start makes the rest of the line one word; a bracket at the start makes its content one word.
 */
export function splitCommand(line: string): string[] {
  const words: string[] = [];
  const chars = [...line];
  let at = 0;
  for (;;) {
    while (at < chars.length && /\s/.test(chars[at] ?? "")) at++;
    if (at >= chars.length) return words;
    const [word, end] = nextWord(chars, at);
    at = end;
    // An empty word that is still open at the end of the line does not count.
    if (word !== undefined) words.push(word);
  }
}

/** The word that starts here, and where the search for the next one continues. */
function nextWord(chars: string[], start: number): [string | undefined, number] {
  const first = chars[start] ?? "";
  if ("|><#".includes(first)) return [chars.slice(start).join(""), chars.length];
  if (brackets[first]) return enclosed(chars, start);
  const quote = "`'\"".includes(first) ? first : undefined;
  let word = "";
  for (let at = quote ? start + 1 : start; at < chars.length; at++) {
    const char = chars[at] ?? "";
    if (char === "\\" && quote !== "`") {
      word += chars[++at] ?? "";
    } else if (quote ? char === quote : /\s/.test(char)) return [word, at + 1];
    else word += char;
  }
  return [word || undefined, chars.length];
}

function enclosed(chars: string[], start: number): [string | undefined, number] {
  const open = [brackets[chars[start] ?? ""] ?? ""];
  let word = chars[start] ?? "";
  let quote: string | undefined;
  for (let at = start + 1; at < chars.length; at++) {
    const char = chars[at] ?? "";
    if (char === "\\" && quote !== "`") {
      word += chars[++at] ?? "";
      continue;
    }
    word += char;
    if (quote) quote = char === quote ? undefined : quote;
    else if (char === open.at(-1)) {
      open.pop();
      if (open.length === 0) return [word, at + 1];
    } else if ("`'\"".includes(char)) quote = char;
    else if (brackets[char]) open.push(brackets[char]);
  }
  return [word, chars.length];
}
