import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const project = resolve(__dirname, "../..");

/** The rules of .dependency-cruiser.cjs that the folders of a project break, and where. */
function violations(folder: string, ...roots: string[]): string[] {
  const cruiser = join(project, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
  const config = join(project, ".dependency-cruiser.cjs");
  const ran = spawnSync(
    process.execPath,
    [cruiser, ...roots, "--config", config, "--output-type", "json"],
    { cwd: folder, encoding: "utf8", maxBuffer: 1 << 28 },
  );
  const { summary } = JSON.parse(ran.stdout) as {
    summary: {
      totalCruised: number;
      violations: { rule: { name: string }; from: string; to: string }[];
    };
  };
  expect(summary.totalCruised).toBeGreaterThan(0);
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
}

it("imports point one way, and there is no circle", () => {
  expect(violations(project, "index.ts", "components", "contract", "images", "scripts")).toEqual(
    [],
  );
});

describe("the rules", () => {
  const folder = mkdtempSync(join(tmpdir(), "lbt-imports-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("allow what points one way, and catch a circle of files or of folders and any other direction", () => {
    const files: Record<string, string[]> = {
      // Allowed.
      "scripts/steps/a.ts": ["../primary/b"],
      "scripts/primary/b.ts": ["../engine/c"],
      "scripts/engine/c.ts": ["../../contract/d"],
      "contract/d.ts": [],
      // Two files, and two folders by different files.
      "components/circle/a.ts": ["./b"],
      "components/circle/b.ts": ["./a"],
      "components/one/a.ts": ["../two/a"],
      "components/one/b.ts": [],
      "components/two/a.ts": [],
      "components/two/b.ts": ["../one/b"],
      // Forbidden directions.
      "contract/e.ts": ["../components/rules"],
      "components/rules.ts": [],
      "components/f.ts": ["../scripts/agent/main", "../scripts/steps/a"],
      "scripts/agent/main.ts": ["../engine/c"],
      "scripts/primary/g.ts": ["../steps/a"],
      "scripts/engine/h.ts": ["../../test/support/lab"],
      "test/support/lab.ts": [],
    };
    writeFileSync(join(folder, "tsconfig.json"), "{}");
    for (const [file, imports] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      const lines = imports.map(
        (from, index) => `import type { A as A${index} } from "${from}";\n`,
      );
      writeFileSync(join(folder, file), `${lines.join("")}export type A = string;\n`);
    }
    const found = violations(folder, ".");
    const circle = (line: string) => line.startsWith("no-circle-of-");
    expect(found.filter(circle)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^no-circle-of-files: components\/circle\/[ab].ts → /),
        "no-circle-of-folders: components/one → components/two",
        "no-circle-of-folders: components/two → components/one",
      ]),
    );
    expect(found.filter((line) => !circle(line)).sort()).toEqual([
      "components-imports-no-other: components/f.ts → scripts/agent/main.ts",
      "components-imports-no-other: components/f.ts → scripts/steps/a.ts",
      "contract-imports-nothing: contract/e.ts → components/rules.ts",
      "program-imports-no-tests: scripts/engine/h.ts → test/support/lab.ts",
      "scripts/agent-imports-no-other: scripts/agent/main.ts → scripts/engine/c.ts",
      "scripts/primary-imports-no-other: scripts/primary/g.ts → scripts/steps/a.ts",
    ]);
  });
});
