// Where Pulumi keeps the state of a stack in a folder, and the copies that it makes.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";

/** The folder of the backend that Pulumi uses. Undefined: it is none. */
export function backendFolder(env) {
  const url = env.PULUMI_BACKEND_URL || loggedIn(env);
  if (!url?.startsWith("file://")) return undefined;
  const [path = ""] = url.slice("file://".length).split("?");
  return path.startsWith("~") ? join(homedir(), path.slice(1)) : resolve(path);
}

/** Where `pulumi login` went. */
function loggedIn(env) {
  const home = env.PULUMI_CREDENTIALS_PATH || env.PULUMI_HOME || join(homedir(), ".pulumi");
  try {
    return JSON.parse(readFileSync(join(home, "credentials.json"), "utf8")).current;
  } catch {
    return undefined;
  }
}

const endings = [".json", ".json.gz"];

/** A stack's state, and its copies: the one before, and those of earlier updates. They need not exist. */
export function stateFiles(folder, project, stack) {
  const base = join(folder, ".pulumi");
  const inside = (kind) => filesIn(join(base, kind, project, stack));
  const known = endings.map((ending) => join(base, "stacks", project, `${stack}${ending}`));
  const file = known.filter(exists).sort((a, b) => time(b) - time(a))[0] ?? known[0];
  const history = inside("history").filter((name) => name.includes(".checkpoint.json"));
  return {
    file,
    copies: [...known.map((one) => `${one}.bak`), ...history, ...inside("backups")],
    hasHistory: history.length > 0,
    meta: join(base, "meta.yaml"),
  };
}

const exists = (file) => statSync(file, { throwIfNoEntry: false }) !== undefined;
const time = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function filesIn(folder) {
  try {
    // Each file has attributes beside it.
    const names = readdirSync(folder).filter((name) => !name.endsWith(".attrs"));
    return names.map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** A state, or what is wrong with its file, to follow the file's name in a sentence. */
export function problemOf(file) {
  let bytes;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    return { problem: error.code === "ENOENT" ? "is gone" : `cannot be read (${error.code})` };
  }
  if (bytes.length === 0) return { problem: "is empty" };
  try {
    const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const state = JSON.parse((isPacked ? gunzipSync(bytes) : bytes).toString("utf8"));
    if (typeof state?.checkpoint === "object" && state.checkpoint !== null) return { state };
    return { problem: "holds something else than a state" };
  } catch {
    return { problem: "is damaged: it is not whole JSON" };
  }
}

/** The newest copy that can be used. */
export function goodCopy(files) {
  const newest = files.filter(exists).sort((a, b) => time(b) - time(a));
  const file = newest.find((one) => problemOf(one).state);
  if (file === undefined) return undefined;
  return { file, time: `${new Date(time(file)).toISOString().slice(0, 16).replace("T", " ")} UTC` };
}

/** A word as a shell takes it. */
export function quoted(word) {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
