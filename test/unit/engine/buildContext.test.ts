import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { archive } from "../../../scripts/engine/buildImage";
import { list, names } from "../../support/tarEntries";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lbt-build-context-"));
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
