import { readFileSync } from "node:fs";
import { readAudit } from "../../../../scripts/npm/release/audit";
import {
  hasRelease,
  unreleasedSection,
  withRelease,
} from "../../../../scripts/npm/release/changelog";
import { imageLines } from "../../../../scripts/npm/release/images";

const changelog = `# Changelog

## [Unreleased]

### Added

- Run pipelines

## [0.1.0] - 2026-01-01

- Begin
`;

describe("the changelog", () => {
  it("gives what is unreleased, without its heading", () => {
    expect(unreleasedSection(changelog)).toBe("### Added\n\n- Run pipelines");
    expect(unreleasedSection("## [Unreleased]\n\n- Last\n")).toBe("- Last");
  });

  it.each(["# Changelog\n", "## [Unreleased]\n\n## [0.1.0] - 2026-01-01\n\n- Begin\n"])(
    "has nothing unreleased: %j",
    (text) => expect(unreleasedSection(text)).toBe(""),
  );

  it("knows whether it has a section of a version", () => {
    expect(["0.1.0", "0.1", "1.0"].map((version) => hasRelease(changelog, version))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("marks what needs work with the word that the page on upgrades tells people to look for", () => {
    const [, word] = /needs work from you says\s+\*\*(.*)\*\*/.exec(
      readFileSync("docs/tasks/upgrade-laterbase.md", "utf8"),
    )!;
    expect(word).toBe("Migration:");
    const marked = readFileSync("CHANGELOG.md", "utf8").match(/\*\*[^*]*migrat[^*]*\*\*/gi);
    expect(new Set(marked)).toEqual(new Set(["**Migration:**"]));
  });

  it("gets a section with the version and the day, and an empty one above it", () => {
    expect(withRelease(changelog, "0.2.0", "2026-02-03")).toBe(
      changelog.replace("## [Unreleased]\n", "## [Unreleased]\n\n## [0.2.0] - 2026-02-03\n"),
    );
  });
});

describe("the audit", () => {
  const advisory = { title: "Prototype pollution", url: "https://example.com/1", severity: "high" };

  it("names each hole once, at the package that has it", () => {
    const vulnerabilities = {
      "a-parser": { via: [advisory, advisory] },
      "a-tool": { via: ["a-parser"] },
    };
    expect(readAudit(JSON.stringify({ vulnerabilities }))).toEqual({
      answered: true,
      holes: ["a-parser: Prototype pollution (high, https://example.com/1)"],
    });
  });

  it("knows an answer without holes", () => {
    expect(readAudit('{"auditReportVersion":2,"vulnerabilities":{}}')).toEqual({
      answered: true,
      holes: [],
    });
  });

  it.each(["", "npm error", '{"statusCode":405,"error":{"summary":""}}'])(
    "knows that nobody answered: %j",
    (text) => expect(readAudit(text)).toEqual({ answered: false, holes: [] }),
  );
});

describe("the list of images", () => {
  const commit = "3f2a9c1b3f2a9c1b3f2a9c1b3f2a9c1b3f2a9c1b";
  const digest = `sha256:${"a".repeat(64)}`;
  const list = (...images: object[]) => JSON.stringify(Object.fromEntries(images.entries()));
  const image = (name: string, tag = commit) => ({ image: `r.example.com/p/${name}`, tag, digest });

  it("has a line for each image, by its digest", () => {
    expect(imageLines(list(image("postgres-17"), image("agent-17", "3f2a9c1")), commit)).toEqual([
      `r.example.com/p/agent-17@${digest}`,
      `r.example.com/p/postgres-17@${digest}`,
    ]);
  });

  it.each([
    [list(), "The list of images is empty."],
    ["<html>", "The list of images is not JSON: take images.json of this commit's pipeline."],
    [
      list(image("agent-17", "0000000")),
      `The list has images of 0000000, and this is commit ${commit}: take images.json of this commit's pipeline.`,
    ],
    [
      list(image("agent-17", "latest")),
      `The list has images of latest, and this is commit ${commit}: take images.json of this commit's pipeline.`,
    ],
    [
      list({ ...image("agent-17"), digest: "" }),
      "The list of images is not one that scripts/ci/images.sh --json wrote.",
    ],
  ])("refuses another list: %s", (text, sentence) => {
    expect(() => imageLines(text, commit)).toThrow(sentence);
  });
});
