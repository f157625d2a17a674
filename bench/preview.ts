import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, timed } from "./command";
import { pulumiOnDev, bringDevUpToDate } from "./dev";
import { type Figure, interleaved, type Measurement, median } from "./figure";

/** Measures a preview of dev that finds nothing to do. */
export const preview: Measurement = {
  name: "preview",
  run: async ({ quick, say }) => {
    await bringDevUpToDate(say);
    const one = makeOneResourceProject();
    try {
      await one.pulumi("stack", "init", "one");
      await one.pulumi("up", "--yes", "--skip-preview");
      const runs = await interleaved(
        quick ? 1 : 5,
        () => pulumiOnDev("preview", "--expect-no-changes"),
        () => one.pulumi("preview", "--expect-no-changes"),
      );
      const figure: Figure = {
        measured: "no-op preview of dev",
        against: "a program of one resource, Pulumi's defaults",
        unit: "s",
        ours: median(runs.ours),
        theirs: median(runs.theirs),
        kind: "ratio",
        limit: 0.9,
        runs,
      };
      return [figure];
    } finally {
      rmSync(one.directory, { recursive: true, force: true });
    }
  },
};

/** The files that `pulumi new typescript` writes, with one RandomPassword in the program. */
const files: Record<string, string> = {
  "Pulumi.yaml": "name: lbb-one\nruntime: nodejs\n",
  "package.json": JSON.stringify({ name: "lbb-one", main: "index.ts" }),
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      strict: true,
      outDir: "bin",
      target: "es2020",
      module: "nodenext",
      moduleResolution: "nodenext",
      sourceMap: true,
      experimentalDecorators: true,
      pretty: true,
      noFallthroughCasesInSwitch: true,
      noImplicitReturns: true,
      forceConsistentCasingInFileNames: true,
    },
    files: ["index.ts"],
  }),
  "index.ts": `import * as random from "@pulumi/random";

export const password = new random.RandomPassword("one", { length: 32 }).result;
`,
};

export function makeOneResourceProject() {
  const directory = mkdtempSync(join(tmpdir(), "lbb-one-"));
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(directory, name), content);
  // Both sides use the same SDK. A link instead of a copy changes no figure.
  symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));
  mkdirSync(join(directory, "state"));
  const env = {
    ...process.env,
    PULUMI_BACKEND_URL: `file://${join(directory, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "bench",
  };
  // Pulumi's defaults apply, also where the user's environment sets something faster.
  for (const name of ["PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_NODEJS_TRANSPILE_ONLY"] as const) {
    delete (env as NodeJS.ProcessEnv)[name];
  }
  const pulumi = (...args: string[]) =>
    timed("pulumi", [...args, "--non-interactive"], { cwd: directory, env });
  return { directory, pulumi };
}
