#!/usr/bin/env node
// What set-up reads from and writes to stack files.
//   stackFile.mjs merge <checkout's> <checkout's at the last merge> <kept>
//   stackFile.mjs needs <stack file>     prints the engines and Debian suites that the stack uses, and which
//                                        of its values are not encrypted
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { parse, stringify } from "yaml";

const read = (file) => (existsSync(file) && parse(readFileSync(file, "utf8"))) || {};

/** Three-way, by top-level key: what differs in the kept file from the last merge is the user's. */
function merge(ours, base, kept) {
  const config = { ...ours.config };
  const [before, now] = [base.config ?? {}, kept.config ?? {}];
  for (const key of new Set([...Object.keys(before), ...Object.keys(now)])) {
    if (isDeepStrictEqual(before[key], now[key])) continue;
    if (key in now) config[key] = now[key];
    else delete config[key];
  }
  const { encryptionsalt, secretsprovider, encryptedkey } = kept;
  const secrets = { encryptionsalt, secretsprovider, encryptedkey };
  return { ...ours, config, ...JSON.parse(JSON.stringify(secrets)) };
}

// glibc must never change under data, so the suite follows the major; images/ holds the same table.
const suites = { 13: "bullseye", 14: "bullseye", 15: "bookworm", 16: "bookworm" };

/** The paths of the values that are plain text. Pulumi does not tell the program. */
function plain(value, path) {
  if (typeof value !== "object" || value === null) return [path];
  if (typeof value.secure === "string" && Object.keys(value).length === 1) return [];
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
  return [...keys].flatMap((key) => plain(value[key], [...path, key]));
}

function plainKeys(config) {
  const prefix = "laterbase:";
  const own = Object.entries(config).filter(([key]) => key.startsWith(prefix));
  return own.flatMap(([key, value]) => plain(value, [key.slice(prefix.length)]));
}

/**
 * One "engine <host>" line for each engine (no host: the default one), one "suite <name>" line for each suite,
 * and one "plain <JSON>" line with the paths of what is not encrypted.
 */
function needs({ config = {} }) {
  const key = (name) => config[`laterbase:${name}`];
  const host = key("dockerHost") ?? "";
  const standbys = Array.isArray(key("standbys")) ? key("standbys") : [];
  const hosts = standbys.map((standby) => standby?.dockerHost ?? host);
  if (key("primary")?.kind !== "external" || hosts.length === 0) hosts.unshift(host);
  const wanted = [suites[key("primary")?.version] ?? "trixie"];
  // Containers other than PostgreSQL's use the newest suite, whatever the primary's major.
  if (["dumps", "pooler", "pgAdmin"].some(key)) wanted.push("trixie");
  return [
    ...[...new Set(hosts)].map((name) => `engine ${name}`),
    ...[...new Set(wanted)].map((name) => `suite ${name}`),
    `plain ${JSON.stringify(plainKeys(config))}`,
  ];
}

const [command, ...files] = process.argv.slice(2);
if (command === "merge") {
  const [ours, base, kept] = files.map(read);
  writeFileSync(`${files[2]}.new`, stringify(merge(ours, base, kept)), { mode: 0o600 });
  renameSync(`${files[2]}.new`, files[2]);
} else {
  console.log(needs(read(files[0])).join("\n"));
}
