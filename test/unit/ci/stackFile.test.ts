import { readFileSync } from "node:fs";
import { fleetingDumps, withImages } from "../../../scripts/ci/stackFile";
import { unknownKeys } from "../../../scripts/ci/unknownKeys";
import { isNewer, newerKeys } from "../../../scripts/ci/versions";
import { exampleFile } from "../../support/exampleStacks";

const images = { registry: "registry.example.com/group/project", tag: "3f2a9c1" };
const written =
  "  laterbase:images:\n    registry: registry.example.com/group/project\n    tag: 3f2a9c1\n";

describe("withImages", () => {
  it("adds the images, and keeps every other line with its comments", () => {
    const text =
      "# a comment\nencryptionsalt: v1:abc\nconfig:\n  # another\n  laterbase:timeZone: Etc/UTC\n";
    expect(withImages(text, images)).toBe(text + written);
  });

  it("puts the images of this commit in the place of others", () => {
    const text = "config:\n  laterbase:images: { registry: old.example.com, tag: latest }\n";
    expect(withImages(text, images)).toBe(`config:\n${written}`);
  });

  it("begins the configuration of an empty file", () => {
    expect(withImages("", images)).toBe(`config:\n${written}`);
  });

  it("keeps a tag of digits a text", () => {
    expect(withImages("config: {}\n", { ...images, tag: "1234567" })).toContain('tag: "1234567"');
  });

  it("says that it cannot read a file", () => {
    expect(() => withImages("config: [\n", images)).toThrow(/^The stack file cannot be read: /);
  });
});

describe("fleetingDumps", () => {
  it("refuses a folder in the checkout of a job, which goes with the dumps", () => {
    const text = "config:\n  laterbase:dumps: { schedule: '@hourly', path: ./backups }\n";
    expect(fleetingDumps(text, "Pulumi.prod.yaml")).toBe(
      "laterbase:dumps.path in Pulumi.prod.yaml must be an absolute path in a pipeline, such as /srv/backups, because a relative one is " +
        'in the job\'s checkout, which the runner cleans with the dumps in it before its next job; it is "./backups".',
    );
  });

  it.each([
    "",
    "config:\n",
    "config: { laterbase:dumps: }\n",
    "config: { laterbase:dumps: { path: /srv/a } }\n",
  ])("finds nothing wrong in %j", (text) =>
    expect(fleetingDumps(text, "Pulumi.prod.yaml")).toBeUndefined(),
  );

  it.each(["Pulumi.dev.yaml", "Pulumi.prod.yaml", exampleFile("hot-hot")])(
    "finds nothing wrong in %s, which a pipeline deploys",
    (file) => expect(fleetingDumps(readFileSync(file, "utf8"), file)).toBeUndefined(),
  );

  it("says that it cannot read a file", () => {
    expect(() => fleetingDumps("config: [\n", "a")).toThrow(/^The stack file cannot be read: /);
  });
});

describe("unknownKeys", () => {
  it("names each key that this version does not know, at every depth", () => {
    const text = `config:
  aws:region: eu-west-1
  laterbase:primary:
    kind: managed
    version: 17
    failover: true
    superuser: { password: { secure: v1:abc } }
  laterbase:standbys: [{ name: a, port: 5433, delay: 1h }]
  laterbase:quorum: 2
`;
    expect(unknownKeys(text).sort()).toEqual([
      "laterbase:primary.failover",
      "laterbase:quorum",
      "laterbase:standbys.0.delay",
    ]);
  });

  it("finds none in a file without a configuration", () => {
    expect(unknownKeys("encryptionsalt: v1:abc\n")).toEqual([]);
  });
});

describe("newerKeys", () => {
  const of = (own: string, deployed: string, ...keys: string[]) =>
    newerKeys(keys, { stack: "prod", own, deployed });

  it("names both versions", () => {
    expect(of("0.1.0", "0.2.0", "laterbase:a", "laterbase:b")).toBe(
      "laterbase:a, laterbase:b are keys of a newer Laterbase: version 0.2.0 deployed stack prod last, and this is version 0.1.0. " +
        "Deploy version 0.2.0 or newer, or take the keys out of Pulumi.prod.yaml.",
    );
  });

  it("says nothing where this version is as new, or knows every key", () => {
    expect([of("0.2.0", "0.2.0", "laterbase:a"), of("0.1.0", "0.2.0")]).toEqual([
      undefined,
      undefined,
    ]);
  });
});

it.each([
  ["0.10.0", "0.9.9", true],
  ["1.0.0", "0.99.0", true],
  ["0.1.1", "0.1.0", true],
  ["0.1.0", "0.1.0", false],
  ["0.9.9", "0.10.0", false],
  ["", "0.1.0", false],
])("compares the versions %s and %s by their numbers", (version, than, expected) => {
  expect(isNewer(version, than)).toBe(expected);
});

it("sees a relative folder for the dumps also behind an alias and a merge key", () => {
  const usual = "x-usual: &usual { path: backups }\n";
  for (const dumps of ["*usual", "{ <<: *usual, schedule: '@hourly' }"])
    expect(fleetingDumps(`${usual}config:\n  laterbase:dumps: ${dumps}\n`, "f")).toMatch(
      /must be an absolute path .*; it is "backups"\.$/,
    );
});
