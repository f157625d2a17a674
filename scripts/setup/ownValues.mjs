// The stack file of dev is the checkout's, and over it the user's own values: those of `pulumi config set`.
// They are merged key by key, so that the rest of a block still follows the checkout's file.
import { isDeepStrictEqual } from "node:util";

/**
 * A value of the user: its path in the document, and no `value` for a key that the user removed. A path goes
 * through an item of a list by its name, as `{ name: "standby" }`.
 *
 * @typedef {{ path: (string | { name: string })[], value?: unknown }} OwnValue
 */

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isSecret = (value) => typeof value.secure === "string" && Object.keys(value).length === 1;

/** Whether values are merged inside. Lists are, where each item has a name of its own. */
function isMap(value) {
  if (isObject(value)) return !isSecret(value);
  if (!Array.isArray(value)) return false;
  const names = value.map((item) => (isObject(item) ? item.name : undefined));
  return names.every((name) => typeof name === "string") && new Set(names).size === names.length;
}

/** The keys of a map, as the segments of a path. */
const keysOf = (map) => (Array.isArray(map) ? map.map(({ name }) => ({ name })) : Object.keys(map));

const same = (one, other) => isDeepStrictEqual(one, other);

function get(map, key) {
  if (!isMap(map)) return undefined;
  if (typeof key === "string") return Array.isArray(map) ? undefined : map[key];
  return Array.isArray(map) ? map.find(({ name }) => name === key.name) : undefined;
}

const placeOf = (list, key) => list.findIndex((item) => item?.name === key.name);

const at = (document, path) => path.reduce(get, document);

/**
 * What a person changed between two documents. A new map is each of its leaves.
 *
 * @returns {OwnValue[]}
 */
export function changes(before, now, path = []) {
  if (isMap(before) && isMap(now)) {
    const keys = [
      ...keysOf(before),
      ...keysOf(now).filter((key) => get(before, key) === undefined),
    ];
    return keys.flatMap((key) => {
      const [old, value] = [get(before, key), get(now, key)];
      if (value === undefined) return [{ path: [...path, key] }];
      return changes(old, value, [...path, key]);
    });
  }
  if (same(before, now)) return [];
  if (!isMap(now) || keysOf(now).length === 0) return [{ path, value: now }];
  return changes(Array.isArray(now) ? [] : {}, now, path);
}

const within = (outer, path) => same(outer, path.slice(0, outer.length));

/**
 * The user's values after such changes. To remove an own value means to go back to the file's.
 *
 * @param {OwnValue[]} own
 * @param {OwnValue[]} changed
 * @returns {OwnValue[]}
 */
export function withChanges(own, changed) {
  return changed.reduce((values, change) => {
    const isUndone = !("value" in change) && values.some((one) => same(one.path, change.path));
    const others = values.filter(({ path }) => !within(change.path, path));
    return isUndone ? others : [...others, change];
  }, own);
}

/**
 * Puts the user's values over a document.
 *
 * @param before the document over which they were put the last time
 * @returns {{ document: object, own: OwnValue[], dropped: OwnValue[] }} `dropped` are those whose block is gone
 */
export function withOwn(document, own, before) {
  const result = structuredClone(document);
  const [kept, dropped] = [[], []];
  for (const value of own) {
    const parent = value.path.slice(0, -1);
    const blockIsGone = at(document, parent) === undefined && at(before, parent) !== undefined;
    if (blockIsGone) {
      if ("value" in value) dropped.push(value);
      continue;
    }
    kept.push(value);
    if ("value" in value) set(result, value.path, value.value);
    else remove(result, value.path);
  }
  return { document: result, own: kept, dropped };
}

function set(document, path, value) {
  let map = document;
  for (const [index, key] of path.entries()) {
    const isLast = index === path.length - 1;
    const inside = typeof path[index + 1] === "object" ? [] : {};
    const old = get(map, key);
    if (!isLast && isMap(old) && Array.isArray(old) === Array.isArray(inside)) {
      map = old;
      continue;
    }
    map = put(map, key, isLast ? value : typeof key === "object" ? { name: key.name } : inside);
  }
}

function put(map, key, value) {
  if (typeof key === "string") map[key] = value;
  else {
    const place = placeOf(map, key);
    if (place < 0) map.push(value);
    else map[place] = value;
  }
  return value;
}

function remove(document, path) {
  const [map, key] = [at(document, path.slice(0, -1)), path.at(-1)];
  if (get(map, key) === undefined) return;
  if (typeof key === "string") delete map[key];
  else map.splice(placeOf(map, key), 1);
}

/** A path as people write it: `laterbase:standbys[standby].port`. */
export function shown({ path: [first, ...rest] }) {
  const keys = first === "config" ? rest : [first, ...rest];
  return keys
    .map((key, index) => (typeof key === "object" ? `[${key.name}]` : index > 0 ? `.${key}` : key))
    .join("");
}
