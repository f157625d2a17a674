import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { uploadArchive } from "../../../scripts/providers/docker/uploads";
import { list } from "../../support/tarEntries";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lbt-docker-files-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
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
