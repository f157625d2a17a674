import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import promises from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nameThere, portableName, usableName } from "../../../scripts/agent/dump/folderNames";
import { folderFault, inFolder, placeOf, tryFolder } from "../../../scripts/agent/dump/folderTrial";
import { newPartial, takeBackups } from "../../../scripts/agent/dump/folders";
import { dumpDatabase } from "../../../scripts/agent/dump/database";
import { publish } from "../../../scripts/agent/dump/publish";
import type { Context } from "../../../scripts/agent/kit/context";
import { codeOf } from "../../../scripts/agent/kit/failure";
import { canBeWritten, setMode, syncFolder } from "../../../scripts/agent/kit/files";
import { wholeManifest } from "../../support/unit/wholeManifest";

let root: string;
let context: Context;
const logged: string[] = [];
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "lbt-faults-"));
  const paths = { backups: root, records: join(root, ".records"), etc: root, run: root };
  const config = { stack: "dev", dumps: { path: "/mnt/usb", source: "primary" } };
  logged.length = 0;
  const log = (sentence: string) => logged.push(sentence);
  context = { config, paths, log } as unknown as Context;
  await takeBackups(context);
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(root, { recursive: true });
});

const errno = (code: string) => Object.assign(new Error(`${code}: refused`), { code });
const refuse = (
  name: "chmod" | "mkdir" | "rename" | "rm" | "writeFile" | "readFile",
  code: string,
) => jest.spyOn(promises, name).mockRejectedValue(errno(code));

/** A file system that refuses what exFAT refuses, as its FUSE program does. */
function likeExfat(): void {
  const mkdir = promises.mkdir;
  jest
    .spyOn(promises, "mkdir")
    .mockImplementation(((path: string, options: object) =>
      /[<>:"|?*]/.test(path.slice(root.length))
        ? Promise.reject(errno("ENOENT"))
        : mkdir(path, options)) as never);
}

describe("the name of a database's folder", () => {
  test.each([
    ["app", "app"],
    ['My Library "2024" é', "My Library %222024%22 é"],
    ["a:b?c*d<e>f|g", "a%3Ab%3Fc%2Ad%3Ce%3Ef%7Cg"],
    ["dot.", "dot%2E"],
    ["a space ", "a space%20"],
    ["CON", "%43ON"],
    ["nul.backup", "%6Eul.backup"],
    ["lpt1", "%6Cpt1"],
    ["console", "console"],
  ])("%j is portable as %j", (name, portable) => {
    expect(portableName(name)).toBe(portable);
  });

  it("stays as it is where the file system takes it", async () => {
    expect(await usableName(context, 'My Library "2024" é')).toBe('My Library "2024" é');
    expect(readdirSync(join(root, ".partial"))).toEqual([]);
  });

  it("is the portable one where the file system refuses a character", async () => {
    likeExfat();
    expect(await usableName(context, 'q"1: a?')).toBe("q%221%3A a%3F");
    expect(await usableName(context, "plain é")).toBe("plain é");
  });

  it("is a hash where names must be short", async () => {
    const mkdir = promises.mkdir;
    jest
      .spyOn(promises, "mkdir")
      .mockImplementation(((path: string, options: object) =>
        path.length > root.length + 60
          ? Promise.reject(errno("ENAMETOOLONG"))
          : mkdir(path, options)) as never);
    const name = "é".repeat(31);
    expect(await usableName(context, name)).toMatch(/^database-[0-9a-f]{16}$/);
    expect(await usableName(context, name)).toBe(await usableName(context, name));
  });

  it("is one that is there in other letters, where these are the same folder", async () => {
    const listed = jest.spyOn(promises, "readdir");
    listed.mockResolvedValue(["App", "other"] as never);
    expect(await nameThere(root, "app")).toBe("App");
    expect(await nameThere(root, "third")).toBe("third");
    listed.mockResolvedValue(["App", "app"] as never);
    expect(await nameThere(root, "app")).toBe("app");
  });
});

describe("a file system that keeps no owners and no modes", () => {
  it.each(["EPERM", "ENOTSUP", "EINVAL"])("takes a dump although chmod says %s", async (code) => {
    refuse("chmod", code);
    const open = promises.open;
    jest.spyOn(promises, "open").mockImplementation((async (path: string, ...rest: never[]) => {
      const handle = await open(path, ...rest);
      if ((await handle.stat()).isDirectory()) handle.sync = () => Promise.reject(errno("EINVAL"));
      return handle;
    }) as never);
    const partial = await newPartial(context, "x");
    writeFileSync(join(partial, "x.backup"), "abc");
    const files = [{ kind: "dump" as const, name: "x.backup", bytes: 3, sha256: "ab".repeat(32) }];
    const database = { ...wholeManifest.database, name: "app" };
    const id = await publish(context, partial, { ...wholeManifest, database, files });
    expect(id).toBe("app/20261121T030000Z");
    expect(readFileSync(join(root, id, "x.backup"), "utf8")).toBe("abc");
  });

  it("still fails for what a disk says of itself", async () => {
    refuse("chmod", "EIO");
    await expect(setMode(root, 0o640)).rejects.toThrow("EIO");
    jest.spyOn(promises, "open").mockRejectedValue(errno("ENOSPC"));
    await expect(syncFolder(root)).rejects.toThrow("ENOSPC");
  });
});

describe("the trial of the folder", () => {
  it("leaves nothing behind", async () => {
    await tryFolder(context);
    expect(readdirSync(join(root, ".partial"))).toEqual([]);
  });

  const advice =
    " Let its user 999 write there: where a file system keeps no owners, mount it with uid=999,gid=999.";
  it.each([
    ["mkdir", "EACCES", "make a folder", advice],
    ["writeFile", "EROFS", "write a file", ""],
    ["rename", "EPERM", "rename a folder", advice],
    ["readFile", "EIO", "read a file", ""],
  ] as const)("names the key where %s says %s", async (call, code, what, after) => {
    refuse(call, code);
    await expect(tryFolder(context)).rejects.toThrow(
      `laterbase:dumps.path, "/mnt/usb", cannot be used: the agent cannot ${what} there (${code}: refused).${after}`,
    );
  });

  it("finds a file that is not as it was written, and a folder that lists other names", async () => {
    jest.spyOn(promises, "readFile").mockResolvedValue("other");
    await expect(tryFolder(context)).rejects.toThrow(
      "cannot read a file there (it holds something else than was written)",
    );
    jest.restoreAllMocks();
    jest.spyOn(promises, "readdir").mockResolvedValue(["PLACE"] as never);
    await expect(tryFolder(context)).rejects.toThrow("cannot list a folder there (it lists PLACE");
  });

  it("speaks of the volume where no folder is configured", () => {
    const inVolume = { ...context, config: { dumps: {} } } as Context;
    expect(placeOf(inVolume)).toBe("The volume of the dumps");
    expect(codeOf(folderFault(inVolume, "write a file", errno("EIO")))).toBe("own-disk");
  });
});

describe("a fault of the folder", () => {
  it("is told from a fault of the code and from a sentence", async () => {
    const bug = new TypeError("a bug");
    await expect(inFolder(context, "x", () => Promise.reject(bug))).rejects.toBe(bug);
    await expect(inFolder(context, "x", () => Promise.reject(errno("ESTALE")))).rejects.toThrow(
      'laterbase:dumps.path, "/mnt/usb", cannot be used: the agent cannot x there (ESTALE: refused).',
    );
  });

  it.each(["EINVAL", "ESTALE", "EPERM", "ENAMETOOLONG"])(
    "dumps nothing again from the other server: %s",
    async (code) => {
      const servers = {
        primary: { name: "primary", host: "p", port: 1 },
        standby: { name: "standby", host: "s", port: 1 },
      };
      const both = { ...context, config: { ...context.config, ...servers } } as unknown as Context;
      const made = refuse("mkdir", code);
      const job = { database: "app", application: "x", acceptSmaller: false, say: () => undefined };
      const dump = dumpDatabase(both, { ...job, signal: new AbortController().signal });
      await expect(dump).rejects.toThrow(/^laterbase:dumps\.path, .* make a folder there/);
      expect(made).toHaveBeenCalledTimes(1);
      expect(logged).toEqual([]);
    },
  );

  it("is a file that cannot grow, as one of 4 GB on FAT", async () => {
    const folder = await newPartial(context, "x");
    writeFileSync(join(folder, "x.backup"), "abc");
    expect(await canBeWritten(folder)).toBe(true);
    jest.spyOn(promises, "appendFile").mockRejectedValue(errno("EFBIG"));
    expect(await canBeWritten(folder)).toBe(false);
  });
});
