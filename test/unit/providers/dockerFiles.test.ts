import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { extract, type Header } from "tar-stream";
import { archive } from "../../../scripts/providers/docker/build";
import { uploadArchive } from "../../../scripts/providers/docker/uploads";

type Entry = Header & { text: string };

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lbt-docker-files-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("a build context", () => {
  beforeEach(() => {
    mkdirSync(join(folder, "sub"));
    writeFileSync(join(folder, "Dockerfile"), "FROM scratch\n");
    writeFileSync(join(folder, "run.sh"), "#!/bin/sh\n", { mode: 0o755 });
    writeFileSync(join(folder, "sub/kept"), "kept");
    writeFileSync(join(folder, "sub/dropped.log"), "dropped");
    symlinkSync("run.sh", join(folder, "link"));
  });

  it("holds files, modes and links, owned by root", async () => {
    const entries = await list(archive(folder, { path: "Dockerfile", outside: false }));
    expect(names(entries)).toEqual([
      ...["Dockerfile", "link", "run.sh", "sub", "sub/dropped.log", "sub/kept"],
    ]);
    const script = entries.find(({ name }) => name === "run.sh");
    expect(script).toMatchObject({ mode: 0o755, uid: 0, gid: 0, text: "#!/bin/sh\n" });
    expect(entries.find(({ name }) => name === "link")).toMatchObject({ linkname: "run.sh" });
  });

  it("leaves out what .dockerignore excludes, but never the Dockerfile", async () => {
    writeFileSync(join(folder, ".dockerignore"), "**/*.log\nDockerfile\nlink\n!sub/kept\n");
    const entries = await list(archive(folder, { path: "Dockerfile", outside: false }));
    expect(names(entries)).toEqual([".dockerignore", "Dockerfile", "run.sh", "sub", "sub/kept"]);
  });

  it("includes a Dockerfile from outside the context", async () => {
    const path = join(folder, "Dockerfile");
    const entries = await list(archive(join(folder, "sub"), { path, outside: true }));
    expect(entries.at(-1)).toMatchObject({ name: ".laterbase.Dockerfile", text: "FROM scratch\n" });
  });
});

describe("uploads", () => {
  it("carry content, owner and mode", async () => {
    writeFileSync(join(folder, "source"), "from a file");
    const tar = await uploadArchive([
      { file: "/etc/a", content: "plain", permissions: "0400", owner: "999", group: "998" },
      { file: "/etc/b", contentBase64: Buffer.from("coded").toString("base64"), executable: true },
      { file: "/etc/c", source: join(folder, "source") },
    ]);
    expect(await list(Readable.from([tar]))).toEqual([
      expect.objectContaining({ name: "etc/a", mode: 0o400, uid: 999, gid: 998, text: "plain" }),
      expect.objectContaining({ name: "etc/b", mode: 0o744, uid: 0, gid: 0, text: "coded" }),
      expect.objectContaining({ name: "etc/c", mode: 0o644, uid: 0, text: "from a file" }),
    ]);
  });
});

async function list(tar: AsyncIterable<unknown>): Promise<Entry[]> {
  const entries: Entry[] = [];
  const reader = extract();
  Readable.from(tar).pipe(reader);
  for await (const entry of reader) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    entries.push({ ...entry.header, text: Buffer.concat(chunks).toString() });
  }
  return entries;
}

function names(entries: Entry[]): string[] {
  return entries.map(({ name }) => name.replace(/\/$/, ""));
}
