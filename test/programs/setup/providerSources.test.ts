import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { build } from "esbuild";

const project = resolve(__dirname, "../../..");

it("the embedded providers are built again for a change in any file that is bundled", async () => {
  const { metafile } = await build({
    absWorkingDir: project,
    entryPoints: ["docker", "command", "random"].map((name) =>
      join("scripts/providers", name, "main.ts"),
    ),
    outdir: "unused",
    bundle: true,
    metafile: true,
    write: false,
    platform: "node",
    external: ["cpu-features", "*.node"],
    logLevel: "warning",
  });
  const bundled = Object.keys(metafile.inputs).filter((file) => !file.startsWith("node_modules/"));
  const script = ". scripts/setup/lib.sh; . scripts/setup/providers.sh; provider_sources";
  const hashed = execFileSync("bash", ["-c", script], { cwd: project, encoding: "utf8" }).split(
    "\n",
  );
  expect(bundled).toContain("scripts/providers/docker/main.ts");
  expect(hashed).toContain("scripts/providers/launcher.cjs");
  expect(hashed).toContain("scripts/patches/dockerode.json");
  expect(bundled.filter((file) => !hashed.includes(file))).toEqual([]);
});
