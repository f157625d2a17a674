#!/usr/bin/env node
// Looks at the state of a stack before anything uses it. Only states in a folder (file://) are looked at.
//   pulumiState.mjs check <project> <stack> <stack file> <folder of notes>
//       prints what is wrong and what to do, and then exits with 1
//   pulumiState.mjs fits <encryptionsalt>
//       exits with 0 when the passphrase on standard input belongs to it
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fits } from "./passphrase.mjs";
import { backendFolder, goodCopy, problemOf, quoted, stateFiles } from "./stateFiles.mjs";

function check(project, stack, stackFile, notes) {
  const folder = backendFolder(process.env);
  if (folder === undefined) return undefined;
  const { file, copies, hasHistory, meta } = stateFiles(folder, project, stack);
  const { state, problem } = problemOf(file);
  // Pulumi itself removes the history with the stack.
  if (problem && (existsSync(file) || hasHistory)) return damaged(stack, file, problem, copies);
  if (!state) return undefined;
  return wrongMeta(meta) ?? wrongPassphrase(stack, salts(state, stackFile), notes);
}

function damaged(stack, file, problem, copies) {
  const what = `the state of stack ${stack} cannot be used: ${file} ${problem}.`;
  if (problem.includes("EACCES")) {
    return `${what} It belongs to another user. This gives it back to you:\n  sudo chown "$(id -un)" ${quoted(file)}`;
  }
  const copy = goodCopy(copies);
  if (!copy) {
    return `${what} There is no good copy beside it and none in its history: put it back from a backup of ${join(file, "../../../..")}.`;
  }
  const again = stack === "dev" ? "" : ` --stack ${stack}`;
  return [
    `${what} Its newest good copy was written at ${copy.time}. This puts it back:`,
    `  cp ${quoted(copy.file)} ${quoted(file)}`,
    `Then 'npm run pulumi -- refresh${again}' finds what was changed after that copy.`,
  ].join("\n");
}

/** Stacks below the project's name are of the layout 1. */
function wrongMeta(file) {
  if (!existsSync(file) || /^version: *\d+\s*$/m.test(readFileSync(file, "utf8"))) return undefined;
  return `${file} does not say of which version the states beside it are. This writes it anew:\n  echo 'version: 1' >${quoted(file)}`;
}

function salts(state, stackFile) {
  const text = existsSync(stackFile) ? readFileSync(stackFile, "utf8") : "";
  const own = /^encryptionsalt: *["']?([^\s"']+)/m.exec(text)?.[1];
  const recorded = state.checkpoint.latest?.secrets_providers?.state?.salt;
  return [...new Set([own, recorded])].filter((salt) => typeof salt === "string");
}

function wrongPassphrase(stack, found, notes) {
  const file = process.env.PULUMI_CONFIG_PASSPHRASE_FILE;
  if (process.env.PULUMI_CONFIG_PASSPHRASE !== undefined || !file) return undefined;
  let passphrase;
  let identity;
  try {
    const { ino, size, mtimeMs } = statSync(file);
    identity = [file, ino, size, mtimeMs];
    passphrase = readFileSync(file, "utf8").trim();
  } catch (error) {
    return `the passphrase of stack ${stack} cannot be read (${error.code}): PULUMI_CONFIG_PASSPHRASE_FILE is ${file}.`;
  }
  for (const salt of found) {
    // It takes half a second, so the answer is kept for each content of both files.
    const name = createHash("sha256")
      .update(JSON.stringify([identity, salt]))
      .digest("hex");
    const note = join(notes, name.slice(0, 16));
    if (existsSync(note)) continue;
    if (!fits(passphrase, salt)) {
      const holds = passphrase === "" ? "is empty" : "holds another passphrase";
      return `${file} ${holds}: nothing can read the secrets of stack ${stack} with it. Put its old content back, from a copy of this file or from where you keep the passphrase.`;
    }
    mkdirSync(notes, { recursive: true });
    writeFileSync(note, "");
  }
  return undefined;
}

const [command, ...words] = process.argv.slice(2);
if (command === "fits") process.exit(fits(readFileSync(0, "utf8"), words[0]) ? 0 : 1);
const sentence = check(...words);
if (sentence !== undefined) {
  console.log(sentence);
  process.exit(1);
}
