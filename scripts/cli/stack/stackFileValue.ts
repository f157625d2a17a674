import { isDeepStrictEqual } from "node:util";
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  parse,
  parseDocument,
  stringify,
  type YAMLMap,
} from "yaml";

/**
 * The text of a stack file with a number in a map of `config`, such as `laterbase:rotations`. Every other line stays as
 * it is where the map has lines of its own or can be added; otherwise the file is written anew, with its comments.
 */
export function withNumber(text: string, key: string, name: string, value: number): string {
  const path = ["config", key, name];
  const document = parseDocument(text);
  const wanted = document.clone();
  if (!isMap(wanted.getIn(["config"], true))) wanted.set("config", wanted.createNode({}));
  if (!isMap(wanted.getIn(["config", key], true)))
    wanted.setIn(["config", key], wanted.createNode({}));
  wanted.setIn(path, value);
  const edited = edit(text, document, path, value);
  if (edited !== undefined && isEqual(edited, wanted)) return edited;
  return wanted.toString({ lineWidth: 0 });
}

function isEqual(text: string, wanted: Document): boolean {
  try {
    return isDeepStrictEqual(parse(text), wanted.toJS());
  } catch {
    return false;
  }
}

function edit(
  text: string,
  document: Document.Parsed,
  path: readonly string[],
  value: number,
): string | undefined {
  const [, key = "", name = ""] = path;
  const known = document.getIn(path, true);
  if (isScalar(known) && known.range) {
    return text.slice(0, known.range[0]) + value + text.slice(known.range[1]);
  }
  const entry = `${word(name)}: ${value}`;
  const map = document.getIn(["config", key], true);
  if (isMap(map) && map.items.length > 0) return added(text, map, [entry]);
  if (map !== undefined) return undefined;
  const config = document.getIn(["config"], true);
  if (!isMap(config) || config.flow) return undefined;
  return added(text, config, [`${word(key)}:`, `  ${entry}`]);
}

/** A key as YAML needs it: a name such as `on` has quotes. */
const word = (key: string): string => stringify(key).trim();

/** The text with one more entry at the end of a map. */
function added(text: string, map: YAMLMap, lines: readonly string[]): string | undefined {
  const first = map.items[0]?.key;
  const last = map.items.at(-1);
  const end = isNode(last?.value) ? last.value.range?.[1] : undefined;
  if (!isNode(first) || !first.range || end === undefined) return undefined;
  if (map.flow) return `${text.slice(0, end)}, ${lines.join(" ")}${text.slice(end)}`;
  const indent = text.slice(text.lastIndexOf("\n", first.range[0] - 1) + 1, first.range[0]);
  if (indent.trim() !== "") return undefined;
  const at = text[end - 1] === "\n" ? end : lineEnd(text, end);
  const before = text.slice(0, at);
  const open = before === "" || before.endsWith("\n") ? "" : "\n";
  return `${before}${open}${lines.map((line) => `${indent}${line}\n`).join("")}${text.slice(at)}`;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end + 1;
}
