/** A fenced block of a document. CONTRIBUTING.md describes the comments that belong to it. */
export interface Block {
  page: string;
  /** The line of the fence, from 1. */
  line: number;
  /** What stands behind the fence, such as `bash`. Empty for a block without. */
  language: string;
  /** Without the indentation of a list. */
  text: string;
  mark?: Mark;
}

/** What a comment says of a block: the stack that a test runs it on, or why no test runs it. */
export type Mark =
  | { run: string; exit: number; answers?: string[]; after?: string }
  | { reason: string };

/** The languages of what a person types at a prompt. */
export const shells = ["bash", "sh", "shell", "zsh", "console"];

const fence = /^( *)```(\S*)$/;
const comment = /^ *<!-- (run|not run)( below)?: (.+?) -->$/;

/** The blocks of a page, in order. A comment before a block is for that block, and one with `below` for all from there on. */
export function blocksOf(page: string, text: string): Block[] {
  const lines = text.split("\n");
  const blocks: Block[] = [];
  let below: Mark | undefined;
  let next: Mark | undefined;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    const said = markIn(line, `${page}:${at + 1}`);
    if (said?.below) below = said.mark;
    const [opening, indent = "", language = ""] = fence.exec(line) ?? [];
    if (opening === undefined) {
      // Only empty lines stand between a comment and its block.
      if (line.trim() !== "") next = said?.below ? undefined : said?.mark;
      continue;
    }
    const end = lines.indexOf(`${indent}\`\`\``, at + 1);
    if (end < 0) throw new Error(`${page}:${at + 1}: the block has no end`);
    const inside = lines.slice(at + 1, end).map((one) => one.slice(indent.length));
    const mark = next ?? below;
    const block = { page, line: at + 1, language, text: inside.join("\n") };
    blocks.push({ ...block, ...(mark ? { mark } : {}) });
    next = undefined;
    at = end;
  }
  return blocks;
}

function markIn(line: string, place: string): { mark: Mark; below: boolean } | undefined {
  const [, kind, below, said = ""] = comment.exec(line) ?? [];
  if (kind !== undefined) {
    const mark = kind === "not run" ? { reason: said } : runIn(said, place);
    return { mark, below: below !== undefined };
  }
  if (!/<!-- *(not )?run\b/.test(line)) return undefined;
  throw new Error(`${place}: write <!-- run: <stack> --> or <!-- not run: <reason> -->`);
}

function runIn(said: string, place: string): Mark {
  const form = /^([a-z][a-z-]*)(?:, exit (\d+))?(?:, after: ([a-z ]+))?(?:, answers: (.+))?$/;
  const [, run, exit = "0", after, answers] = form.exec(said) ?? [];
  if (run !== undefined) {
    return {
      ...{ run, exit: Number(exit) },
      ...(after ? { after } : {}),
      ...(answers ? { answers: answers.split("; ") } : {}),
    };
  }
  throw new Error(
    `${place}: '${said}' is not <stack>[, exit <n>][, after: <accident>][, answers: <a>; <b>]`,
  );
}
