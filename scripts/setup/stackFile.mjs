#!/usr/bin/env node
// What set-up reads from and writes to stack files.
//   stackFile.mjs merge <checkout's> <checkout's at the last merge> <kept> <the user's values> <state>
//                                        writes the kept file of stack dev, and prints which values are the user's
//   stackFile.mjs needs <stack file>     prints the engines and Debian suites that the stack uses, and which
//                                        of its values are not encrypted
import { isDeepStrictEqual } from "node:util";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { closest, distance } from "fastest-levenshtein";
import { parse, stringify } from "yaml";
import { changes, shown, withChanges, withOwn } from "./ownValues.mjs";
import { problemOf } from "./stateFiles.mjs";

function read(file) {
  if (!existsSync(file)) return {};
  try {
    // As Pulumi reads it, with merge keys (`<<`). Each alias gets a copy of its own, because values are put into it.
    const values = parse(readFileSync(file, "utf8"), { merge: true }) ?? {};
    const document = JSON.parse(JSON.stringify(values));
    return { ...document, config: document.config ?? {} };
  } catch (error) {
    const [what] = error.message.split("\n");
    throw new Error(`${file} cannot be read as YAML: ${what.replace(/:$/, "")}.`, { cause: error });
  }
}

/** The keys that Pulumi reads at the top of a stack file: `ProjectStack` of its SDK. It ignores all others. */
const ofPulumi = ["config", "encryptionsalt", "secretsprovider", "encryptedkey", "environment"];

const prefix = "laterbase:";

/** A file that a person wrote: a key in it that nothing would read is refused. */
function readWritten(file) {
  const { config, ...others } = read(file);
  // YAML's own place for what is used in several others.
  const stray = Object.keys(others).find((key) => !ofPulumi.includes(key) && !key.startsWith("x-"));
  if (stray !== undefined) {
    const near = closest(stray.toLowerCase(), ofPulumi);
    const meant =
      distance(stray.toLowerCase(), near) <= 2
        ? near
        : `${withPrefix(stray)}, indented below config`;
    throw new Error(
      `${file} has ${stray} at its top level, where it is unknown (did you mean ${meant}?).`,
    );
  }
  // Pulumi takes it for one of the project's, but set-up and commands would not find it.
  const bare = Object.keys(config).find((key) => !key.includes(":"));
  if (bare === undefined) return { ...others, config };
  throw new Error(
    `${file} has ${bare} below config, where it is unknown (did you mean ${withPrefix(bare)}?).`,
  );
}

const withPrefix = (key) => (key.includes(":") ? key : `${prefix}${key}`);

const readOwn = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : []);

function write(file, text) {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Puts the user's values over the checkout's file. What was changed in the kept file since then is the user's. */
function merge(oursFile, baseFile, keptFile, ownFile, stateFile) {
  const [ours, base] = [readWritten(oursFile), read(baseFile)];
  const { encryptionsalt, secretsprovider, encryptedkey, ...kept } = read(keptFile);
  const known = readOwn(ownFile);
  const before = withOwn(base, known, base);
  // A merge that was stopped, as by a full disk, has written the kept file, and not yet which file it was made of.
  const isMerged = isDeepStrictEqual(kept, withOwn(ours, known, base).document);
  const changed = existsSync(keptFile) && !isMerged ? changes(before.document, kept) : [];
  const { document, own, dropped } = withOwn(ours, withChanges(before.own, changed), base);
  // A stack file without them would get a new salt, and the state could not be read with it.
  const salt = encryptionsalt ?? (secretsprovider ? undefined : saltOf(stateFile));
  const secrets = JSON.stringify({ encryptionsalt: salt, secretsprovider, encryptedkey });
  write(ownFile, `${JSON.stringify(own)}\n`);
  write(keptFile, stringify({ ...document, ...JSON.parse(secrets) }));
  for (const value of own)
    console.log(`own ${shown(value)}${"value" in value ? "" : " (removed)"}`);
  for (const value of dropped) console.log(`dropped ${shown(value)}`);
}

const saltOf = (file) => problemOf(file).state?.checkpoint.latest?.secrets_providers?.state?.salt;

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
  const own = Object.entries(config).filter(([key]) => key.startsWith(prefix));
  return own.flatMap(([key, value]) => plain(value, [key.slice(prefix.length)]));
}

/**
 * One "engine <host>" line for each engine (no host: the default one), one "suite <name>" line for each suite,
 * the line "service objectStore" where there is one, the line "images pushed" where engines build none of ours, and
 * one "plain <JSON>" line with the paths of what is not encrypted.
 */
function needs({ config = {} }) {
  const key = (name) => config[`laterbase:${name}`];
  const host = key("dockerHost") ?? "";
  const standbys = Array.isArray(key("standbys")) ? key("standbys") : [];
  const hosts = standbys.map((standby) => standby?.dockerHost ?? host);
  if (key("primary")?.kind !== "external" || hosts.length === 0) hosts.unshift(host);
  const wanted = [suites[key("primary")?.version] ?? "trixie"];
  // Containers other than PostgreSQL's use the newest suite, whatever the primary's major.
  if (["dumps", "backups", "pooler", "pgAdmin", "objectStore"].some(key)) wanted.push("trixie");
  return [
    ...[...new Set(hosts)].map((name) => `engine ${name}`),
    ...[...new Set(wanted)].map((name) => `suite ${name}`),
    ...(key("objectStore") ? ["service objectStore"] : []),
    ...(key("images") ? ["images pushed"] : []),
    `plain ${JSON.stringify(plainKeys(config))}`,
  ];
}

const [command, ...files] = process.argv.slice(2);
try {
  if (command === "merge") merge(...files);
  else console.log(needs(readWritten(files[0])).join("\n"));
} catch (error) {
  console.error(`laterbase: ${error.message}`);
  process.exit(1);
}
