import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  parseDocument,
  stringify,
  type YAMLMap,
} from "yaml";
import { asPulumi, says, valuesOf } from "./stackFile";

type Numbers = Record<string, unknown>;

/**
 * The text of a stack file with a number in a map of `config`, such as `laterbase:rotations`. Every other line stays as
 * it is where the map has lines of its own or can be added; otherwise the file is written anew, with its comments.
 *
 * @returns undefined where another value would change too, because an anchor of YAML joins the two
 */
export function withNumber(
  text: string,
  key: string,
  name: string,
  value: number,
): string | undefined {
  const document = parseDocument(text, asPulumi);
  const { config, ...others } = (valuesOf(text) ?? {}) as { config?: Record<string, Numbers> };
  // With those that the map has from elsewhere, by an alias or a merge key.
  const numbers = { ...config?.[key], [name]: value };
  const wanted = { ...others, config: { ...config, [key]: numbers } };
  const path = ["config", key, name];
  return [() => edit(text, document, path, numbers), () => writtenAnew(document, path, numbers)]
    .map((change) => change())
    .find((edited) => edited !== undefined && says(edited, wanted));
}

function writtenAnew(
  document: Document.Parsed,
  path: readonly string[],
  numbers: Numbers,
): string | undefined {
  const [top = "", key = "", name = ""] = path;
  const edited = document.clone();
  try {
    if (!isMap(edited.getIn([top], true))) edited.set(top, edited.createNode({}));
    if (isMap(edited.getIn([top, key], true))) edited.setIn(path, numbers[name]);
    else edited.setIn([top, key], edited.createNode(numbers));
    return edited.toString({ lineWidth: 0 });
  } catch {
    // An alias has lost its anchor.
    return undefined;
  }
}

function edit(
  text: string,
  document: Document.Parsed,
  path: readonly string[],
  numbers: Numbers,
): string | undefined {
  const [, key = "", name = ""] = path;
  const known = document.getIn(path, true);
  if ((isScalar(known) || isAlias(known)) && known.range) {
    return replaced(text, known.range, String(numbers[name]));
  }
  const entry = (one: string) => `${word(one)}: ${String(numbers[one])}`;
  const map = document.getIn(["config", key], true);
  if (isMap(map) && map.items.length > 0) return added(text, map, [entry(name)]);
  const entries = Object.keys(numbers).map(entry);
  if (isAlias(map) && map.range) return replaced(text, map.range, `{ ${entries.join(", ")} }`);
  if (map !== undefined) return undefined;
  const config = document.getIn(["config"], true);
  if (!isMap(config) || config.flow) return undefined;
  return added(text, config, [`${word(key)}:`, ...entries.map((one) => `  ${one}`)]);
}

const replaced = (text: string, [from, to]: readonly number[], by: string): string =>
  text.slice(0, from) + by + text.slice(to);

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
