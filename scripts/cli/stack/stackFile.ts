import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { type Document, isMap, isNode, isScalar, isSeq, parse, parseDocument } from "yaml";
import { CliError } from "../terminal/cliError";

/** Pulumi reads merge keys (`<<`), so everything of ours does. */
export const asPulumi = { merge: true } as const;

/** Where a value is in a stack file, such as `["config", "laterbase:standbys", 1]`. */
export type YamlPath = readonly (string | number)[];

/** The stack file that Pulumi reads for this stack. Of the stack dev it is not in the checkout. */
export function stackFileOf(stack: string): string {
  return process.env["LATERBASE_STACK_FILE"] || `Pulumi.${stack.split("/").at(-1)}.yaml`;
}

/** What is said of a stack that has no file. */
export function noStack(stack: string): string {
  return `There is no stack ${stack}: 'npm run laterbase -- new ${stack} --from <example>' makes one.`;
}

/** What a stack file says, with a copy of its own at each place that an alias or a merge key stands for. */
export function valuesOf(text: string): unknown {
  return JSON.parse(JSON.stringify(parse(text, asPulumi) ?? null));
}

/** Whether a text says this. One that is no YAML, or has an alias without its anchor, says nothing. */
export function says(text: string, values: unknown): boolean {
  try {
    return isDeepStrictEqual(valuesOf(text), values);
  } catch {
    return false;
  }
}

/** @throws CliError with the line of the first mistake */
export function parseStackFile(text: string, file: string): Document.Parsed {
  const document = parseDocument(text, asPulumi);
  const [mistake] = document.errors;
  if (!mistake) return document;
  const [said = ""] = mistake.message.split("\n");
  throw new CliError(`${file} cannot be read as YAML: ${said.replace(/:$/, "")}.`);
}

/**
 * The text of a stack file without one of its values, and without the comment directly above it. Where
 * the value has lines of its own, every other line stays as it is; otherwise the file is written anew,
 * with its comments.
 *
 * @returns undefined where another value would change too, because an anchor of YAML joins the two
 */
export function without(text: string, path: YamlPath): string | undefined {
  const document = parseDocument(text, asPulumi);
  const wanted = valuesOf(text);
  const last = path.at(-1)!;
  const parent = path.slice(0, -1).reduce<Values>((at, key) => at[key]!, wanted as Values);
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return [() => withoutLines(text, document, path), () => writtenAnew(document, path)]
    .map((edit) => edit())
    .find((edited) => edited !== undefined && says(edited, wanted));
}

interface Values {
  [key: string | number]: Values;
}

function writtenAnew(document: Document.Parsed, path: YamlPath): string | undefined {
  const edited = document.clone();
  try {
    edited.deleteIn(path);
    return edited.toString({ lineWidth: 0 });
  } catch {
    // An alias stands on the way, or has lost its anchor.
    return undefined;
  }
}

function withoutLines(text: string, document: Document.Parsed, path: YamlPath): string | undefined {
  const range = rangeOf(document, path);
  if (!range) return undefined;
  const start = lineStart(text, range[0]);
  // Only what begins its own line, and not a key behind the dash of a list.
  if (!/^[ \t]*(?:-[ \t]+)?$/.test(text.slice(start, range[0]))) return undefined;
  const end = text[range[1] - 1] === "\n" ? range[1] : lineEnd(text, range[1]);
  return text.slice(0, commentStart(text, start)) + text.slice(end);
}

function rangeOf(document: Document.Parsed, path: YamlPath): [number, number] | undefined {
  const last = path.at(-1);
  const parent = document.getIn(path.slice(0, -1), true);
  if (isMap(parent) && !parent.flow) {
    const pair = parent.items.find(({ key }) => isScalar(key) && key.value === last);
    const key = pair && isNode(pair.key) ? pair.key.range : undefined;
    const value = pair && isNode(pair.value) ? pair.value.range : undefined;
    return key ? [key[0], (value ?? key)[2]] : undefined;
  }
  if (isSeq(parent) && !parent.flow && typeof last === "number") {
    const item = parent.items[last];
    const range = isNode(item) ? item.range : undefined;
    return range ? [range[0], range[2]] : undefined;
  }
  return undefined;
}

const lineStart = (text: string, at: number) => text.lastIndexOf("\n", at - 1) + 1;

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end + 1;
}

/** Where the comment begins that stands directly above a line, with the same indent. */
function commentStart(text: string, line: number): number {
  const indent = /^[ \t]*/.exec(text.slice(line))?.[0] ?? "";
  let start = line;
  while (start > 0) {
    const above = lineStart(text, start - 1);
    if (!text.slice(above, start).startsWith(`${indent}#`)) break;
    start = above;
  }
  return start;
}

/** Why a value is not written into a stack file, or out of it. */
export function joined(file: string, what: string): CliError {
  return new CliError(
    `An anchor of YAML (&, * or <<) joins ${what} in ${file} to another place, which would change too. Write ${what} out there, without the anchor, and try again. Nothing was changed.`,
    4,
  );
}

/** Replaces the comment at the top of a stack file. */
export function setHead(document: Document, lines: readonly string[]): void {
  document.commentBefore = lines.map((line) => ` ${line}`).join("\n");
  // Where no empty line follows it, YAML takes it for the first key's.
  const first = isMap(document.contents) ? document.contents.items[0]?.key : undefined;
  if (isNode(first)) first.commentBefore = null;
}

/** Replaces a file. A reader sees the old text or the new one, also after a power cut. */
export function writeWhole(file: string, text: string, mode?: number): void {
  const beside = `${file}.${process.pid}.new`;
  const kept = existsSync(file) ? statSync(file).mode & 0o777 : undefined;
  try {
    writeFileSync(beside, text, { mode: mode ?? kept ?? 0o644, flag: "wx" });
    const descriptor = openSync(beside, "r");
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw new CliError(`${file} cannot be written: ${(error as Error).message}.`);
  }
}
