import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";

// What set-up reads from stack files with anchors of YAML, as a program: it runs before any package of ours does.
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lbt-stack-file-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const stackFile = (...words: string[]) =>
  execFileSync("node", ["scripts/setup/stackFile.mjs", ...words], { encoding: "utf8" });

const shared = `x-primary: &primary
  kind: managed
  version: 13
x-all: &all
  laterbase:dockerHost: ssh://nas
config:
  <<: *all
`;

it("finds what merge keys bring: engines, suites, and what is not encrypted", () => {
  const file = join(folder, "Pulumi.x.yaml");
  writeFileSync(file, `${shared}  laterbase:primary:\n    <<: *primary\n    port: 1\n`);
  expect(stackFile("needs", file).trim().split("\n")).toEqual([
    "engine ssh://nas",
    "suite bullseye",
    'plain [["dockerHost"],["primary","kind"],["primary","version"],["primary","port"]]',
  ]);
});

it("puts an own value into one place of an alias, and not into the others", () => {
  const [ours, base, kept, own] = ["ours", "base", "kept", "own"].map((one) => join(folder, one));
  const list =
    "x-limits: &limits\n  cpu: 1\n  memory: 1\nconfig:\n  a:b: *limits\n  c:d: *limits\n";
  for (const file of [ours!, base!]) writeFileSync(file, list);
  writeFileSync(own!, JSON.stringify([{ path: ["config", "a:b", "memory"], value: 2 }]));
  stackFile("merge", ours!, base!, kept!, own!, join(folder, "state"));
  const { config } = parse(readFileSync(kept!, "utf8"), { merge: true }) as { config: object };
  expect(config).toEqual({ "a:b": { cpu: 1, memory: 2 }, "c:d": { cpu: 1, memory: 1 } });
});

it("takes no edit of the checkout's file for the user's after a merge that was stopped", () => {
  const [ours, base, kept, own] = ["ours", "base", "kept", "own"].map((one) => join(folder, one));
  const merge = () => stackFile("merge", ours!, base!, kept!, own!, join(folder, "state"));
  const text = (port: number) => `config:\n  a:b: { port: ${port}, own: 1 }\n`;
  writeFileSync(ours!, text(1));
  writeFileSync(base!, text(1));
  writeFileSync(kept!, `${text(1).replace("own: 1", "own: 2")}encryptionsalt: v1:x\n`);
  merge();
  writeFileSync(ours!, text(2));
  merge();
  // The base was not replaced: the disk was full.
  expect(merge()).toBe("own a:b.own\n");
  writeFileSync(base!, text(2));
  writeFileSync(ours!, text(3));
  merge();
  expect(parse(readFileSync(kept!, "utf8"))).toEqual({
    config: { "a:b": { port: 3, own: 2 } },
    encryptionsalt: "v1:x",
  });
});
