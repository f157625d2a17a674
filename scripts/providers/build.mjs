// Bundles the embedded providers: node scripts/providers/build.mjs <plugins directory> [name...]
// Each becomes <directory>/resource-<name>-v<version>/pulumi-resource-<name>, the version being the
// one that the installed npm package of that provider asks the engine for. It is a launcher, with the
// program beside it.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));

// Parts of dockerode that no provider uses and that would double the start-up time: BuildKit's
// session, and its own way over SSH. Of another version than the stubs name, all is bundled.
const withoutUnused = {
  name: "without-unused",
  async setup({ onLoad }) {
    const stubs = JSON.parse(await readFile(join(root, "scripts/patches/dockerode.json"), "utf8"));
    for (const { library, version, unused } of stubs) {
      if ((await packageOf(library)).version !== version) continue;
      const filter = new RegExp(`${unused}\\.js$`);
      onLoad({ filter }, () => ({ contents: "module.exports = undefined" }));
    }
  },
};

const [outDir, ...asked] = process.argv.slice(2);
if (!outDir)
  throw new Error("usage: node scripts/providers/build.mjs <plugins directory> [name...]");

const names = (asked.length > 0 ? asked : ["docker", "command", "random"]).filter((name) =>
  existsSync(join(here, name, "main.ts")),
);
await Promise.all(names.map(bundle));

async function bundle(name) {
  const { version } = (await packageOf(join("@pulumi", name))).pulumi;
  const folder = join(outDir, `resource-${name}-v${version}`);
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: [join(here, name, "main.ts")],
    // Written beside and renamed, so that a running update never loads half a file.
    outfile: join(folder, "provider.js.new"),
    bundle: true,
    platform: "node",
    target: "node22",
    format: "cjs",
    minify: true,
    // A function of the module's own names, as the launcher calls it.
    banner: { js: "(function (require, module, exports, __filename, __dirname) {" },
    footer: { js: "})" },
    define: { __PLUGIN_VERSION__: JSON.stringify(version) },
    // Native accelerators of ssh2: optional, and not built here.
    external: ["cpu-features", "*.node"],
    plugins: [withoutUnused],
    logLevel: "warning",
  });
  const hash = createHash("sha256").update(await readFile(join(folder, "provider.js.new")));
  const text = await readFile(join(here, "launcher.cjs"), "utf8");
  const launcher = join(folder, `pulumi-resource-${name}`);
  await writeFile(`${launcher}.new`, text.replace("HASH", hash.digest("hex").slice(0, 12)));
  await chmod(`${launcher}.new`, 0o755);
  await rename(join(folder, "provider.js.new"), join(folder, "provider.js"));
  await rename(`${launcher}.new`, launcher);
}

async function packageOf(library) {
  return JSON.parse(await readFile(join(root, "node_modules", library, "package.json"), "utf8"));
}
