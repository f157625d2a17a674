import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../kit/context";
import { codeOf, Failure, sentenceOf } from "../kit/failure";
import { setMode, sync, syncFolder } from "../kit/files";
import { partialFolder } from "./folders";

/** The user and the group of the agent, as a mount's options name them. */
const owner = "uid=999,gid=999";
/** The errnos of a folder that belongs to others. */
const notOurs = ["EACCES", "EPERM"];

/** What a person calls the place of the dumps. */
export function placeOf({ config }: Pick<Context, "config">): string {
  const { path } = config.dumps;
  return path === undefined ? "The volume of the dumps" : `laterbase:dumps.path, "${path}",`;
}

/** A fault of the place of the dumps. No other server can help, so nothing is dumped again. */
export function folderFault(context: Context, what: string, error: unknown): Failure {
  const code = codeOf(error) ?? "";
  const advice = notOurs.includes(code)
    ? ` Let its user 999 write there: where a file system keeps no owners, mount it with ${owner}.`
    : "";
  return new Failure(
    `${placeOf(context)} cannot be used: the agent cannot ${what} there (${sentenceOf(error)}).${advice}`,
    "own-disk",
  );
}

/** Does what works on the folder of the dumps only. An errno is then the folder's fault. */
export async function inFolder<T>(
  context: Context,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure || codeOf(error) === undefined) throw error;
    throw folderFault(context, what, error);
  }
}

/**
 * Does once what each dump does with its folder, before anything is dumped. Shares and file systems of other
 * systems cannot do all of it.
 *
 * @throws Failure that names laterbase:dumps.path and what it cannot do
 */
export async function tryFolder(context: Context): Promise<void> {
  const id = randomBytes(4).toString("hex");
  const folder = join(partialFolder(context), `trial-${id}`);
  const [from, place] = [join(folder, "made"), join(folder, "place")];
  const to = join(place, "20261121T030000Z");
  const file = (of: string) => join(of, "manifest.json");
  const step = (what: string, work: () => Promise<unknown>) => inFolder(context, what, work);
  const content = id.repeat(1000);
  try {
    await step("make a folder", async () => {
      await mkdir(from, { recursive: true, mode: 0o750 });
      await mkdir(place, { mode: 0o750 });
    });
    await step("write a file", () => writeFile(file(from), content));
    await step("set the mode of a file", () => setMode(file(from), 0o640));
    await step("bring a file to the disk", () => sync(file(from)));
    await step("bring a folder to the disk", () => syncFolder(from));
    await step("rename a folder", () => rename(from, to));
    await step("read a file", async () => {
      const read = await readFile(file(to), "utf8");
      if (read !== content) throw lost("it holds something else than was written");
    });
    await step("list a folder", async () => {
      const names = [...(await readdir(folder)), ...(await readdir(place))];
      if (names.join() !== "place,20261121T030000Z") throw lost(`it lists ${names.join(", ")}`);
    });
    await step("remove a folder", () => rm(folder, { recursive: true, maxRetries: 3 }));
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

const lost = (why: string) => Object.assign(new Error(why), { code: "EIO" });
