import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { commandGroups } from "../../scripts/cli/commands";

// Does not prove that a command does what a page says, only that it exists.
const pages = execFileSync("git", ["ls-files", "*.md"], { encoding: "utf8" }).trim().split("\n");
const text = (page: string) => readFileSync(page, "utf8");
const matches = (page: string, pattern: RegExp) =>
  [...text(page).matchAll(pattern)].map((match) => match[1]!);

/** GitHub's anchor of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

describe("the README", () => {
  it("has at most 200 lines", () => {
    expect(text("README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(200);
  });
});

describe.each(pages)("%s", (page) => {
  it("has links that lead somewhere", () => {
    const links = matches(page, /\]\((?!https?:)([^)\s]+)\)/g);
    const broken = links.filter((link) => {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? page : join(dirname(page), path);
      if (!existsSync(target)) return true;
      if (anchor === undefined) return false;
      return !matches(target, /^#+ (.+)$/gm)
        .map(anchorOf)
        .includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it("names scripts that package.json has", () => {
    const { scripts } = JSON.parse(text("package.json")) as { scripts: object };
    const named = matches(page, /\bnpm run (?:--silent )?([a-z][a-z-]*)/g);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it("names operator's commands that there are", () => {
    const known = commandGroups.flatMap(({ commands }) =>
      commands.flatMap(({ name, hiddenAliases = [] }) => [name, ...hiddenAliases]),
    );
    const named = matches(page, /\bnpm run (?:--silent )?laterbase -- ([a-z][a-z-]*)/g);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe("docs/architecture.md", () => {
  const section = (heading: string) =>
    (text("docs/architecture.md").split(`\n## ${heading}\n`)[1] ?? "").split("\n## ")[0]!;
  const paths = (lines: string) =>
    lines
      .match(/^\|.*$/gm)!
      .slice(2)
      .map((row) => /`([^`]*\/[^`]*)`/.exec(row)?.[1] ?? row);

  it("names eleven things, each at a path that exists", () => {
    const where = paths(section("Where a thing is"));
    expect(where).toHaveLength(11);
    expect(where.filter((path) => !existsSync(path))).toEqual([]);
  });

  it("describes every folder, and none that is gone", () => {
    const described = paths(section("The folders"));
    expect(described.filter((path) => !existsSync(path))).toEqual([]);
    const there = ["", "scripts/"].flatMap((parent) =>
      execFileSync("git", ["ls-tree", "-d", "--name-only", "HEAD", parent || "."], {
        encoding: "utf8",
      })
        .trim()
        .split("\n")
        .map((folder) => `${folder}/`),
    );
    const undescribed = there.filter(
      (folder) => !described.some((path) => path.startsWith(folder)),
    );
    expect(undescribed).toEqual([".ci/", "docs/"]);
  });
});

describe("CONTRIBUTING.md", () => {
  it("names files and folders that exist", () => {
    const named = matches("CONTRIBUTING.md", /`([A-Za-z]+\/[^`<>*\s]*)`/g);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });
});
