import { mkdtempSync, mkdirSync, rmSync, writeFileSync, chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contextHash } from "../../../images/build/context";
import { baseImage, majors, postgresImage, suiteOf } from "../../../images/build/postgres";

describe("suiteOf", () => {
  it("never changes for a major, because glibc would change under its data", () => {
    expect(majors.map((major) => [major, suiteOf(major)])).toEqual([
      [13, "bullseye"],
      [14, "bullseye"],
      [15, "bookworm"],
      [16, "bookworm"],
      [17, "trixie"],
      [18, "trixie"],
    ]);
  });

  it.each([12, 19, NaN])("refuses %p with the list of majors", (major) => {
    expect(() => suiteOf(major)).toThrow(/no image for PostgreSQL .* 13, 14, 15, 16, 17, 18/);
  });
});

describe("baseImage", () => {
  const before = process.env["LATERBASE_BASE_REPOSITORY"];
  afterEach(() => {
    if (before === undefined) delete process.env["LATERBASE_BASE_REPOSITORY"];
    else process.env["LATERBASE_BASE_REPOSITORY"] = before;
  });

  it("is Debian's by tag and digest", () => {
    delete process.env["LATERBASE_BASE_REPOSITORY"];
    expect(baseImage(15)).toMatch(/^debian:bookworm-slim@sha256:[0-9a-f]{64}$/);
  });

  it("is the imported one when set-up names its repository", () => {
    process.env["LATERBASE_BASE_REPOSITORY"] = "laterbase/base";
    expect(baseImage(13)).toBe("laterbase/base:bullseye");
    expect(postgresImage(13).buildArgs).toEqual({
      BASE: "laterbase/base:bullseye",
      PG_MAJOR: "13",
    });
  });

  it("belongs to the tag", () => {
    delete process.env["LATERBASE_BASE_REPOSITORY"];
    const official = postgresImage(17).tag;
    process.env["LATERBASE_BASE_REPOSITORY"] = "laterbase/base";
    expect(postgresImage(17).tag).not.toBe(official);
  });
});

describe("postgresImage", () => {
  it("names major and content, with a context inside the project", () => {
    const image = postgresImage(17);
    expect(image.tag).toMatch(/^laterbase\/postgres:17-[0-9a-f]{12}$/);
    expect(image.context).toBe("images/postgres");
    expect(postgresImage(17)).toEqual(image);
    expect(postgresImage(15).tag.slice(-12)).not.toBe(image.tag.slice(-12));
  });
});

describe("contextHash", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lbt-context-"));
    mkdirSync(join(folder, "lib"));
    writeFileSync(join(folder, "Dockerfile"), "FROM scratch\n");
    writeFileSync(join(folder, "lib", "a.sh"), "a");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const changes: [string, () => void][] = [
    ["a file's content", () => writeFileSync(join(folder, "lib", "a.sh"), "b")],
    ["a new file", () => writeFileSync(join(folder, "lib", "b.sh"), "")],
    ["a removed file", () => rmSync(join(folder, "lib", "a.sh"))],
  ];
  it.each(changes)("changes with %s", (_, change) => {
    const before = contextHash(folder, {});
    change();
    expect(contextHash(folder, {})).not.toBe(before);
  });

  it("changes with an argument, and not with their order or a file's mode", () => {
    const before = contextHash(folder, { A: "1", B: "2" });
    chmodSync(join(folder, "lib", "a.sh"), 0o755);
    expect(contextHash(folder, { B: "2", A: "1" })).toBe(before);
    expect(contextHash(folder, { A: "1", B: "3" })).not.toBe(before);
  });
});
