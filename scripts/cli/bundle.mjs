// Bundles the operator's command into one file that starts at once: node scripts/cli/bundle.mjs <file>
// scripts/npm/laterbase.sh names the file by a hash of what it is made of.
import { build } from "esbuild";
import { mkdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
const [outfile] = process.argv.slice(2);
if (!outfile) throw new Error("usage: node scripts/cli/bundle.mjs <file>");

const packageOf = (library) =>
  JSON.parse(readFileSync(join(root, "node_modules", library, "package.json"), "utf8"));

// As scripts/patches does where nothing is bundled: these parts of dockerode are never used, and take half of the
// time that loading it takes. Of another version than the stubs name, all is bundled.
const withoutUnused = {
  name: "without-unused",
  setup({ onLoad }) {
    const stubs = JSON.parse(readFileSync(join(root, "scripts/patches/dockerode.json"), "utf8"));
    for (const { library, version, unused } of stubs) {
      if (packageOf(library).version !== version) continue;
      const filter = new RegExp(`${unused}\\.js$`);
      onLoad({ filter }, () => ({ contents: "module.exports = undefined" }));
    }
    onLoad({ filter: /scripts\/patches\/dockerodeStubs\.ts$/ }, () => ({
      contents: "export const stubDockerode = () => undefined;",
    }));
  },
};

// SQL and shell are files of the checkout, and a module finds them by its own folder.
const ownFolders = {
  name: "own-folders",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (path.includes("/node_modules/")) return undefined;
      const text = readFileSync(path, "utf8");
      if (!/\b__(dir|file)name\b/.test(text)) return undefined;
      const own = `const __filename = ${JSON.stringify(path)}, __dirname = ${JSON.stringify(dirname(path))};`;
      return { contents: `${own}\n${text}`, loader: "ts", resolveDir: dirname(path) };
    });
  },
};

mkdirSync(dirname(outfile), { recursive: true });
// Written beside and renamed, so that nothing ever runs half a file.
const beside = `${outfile}.${process.pid}`;
await build({
  entryPoints: [join(here, "laterbase.ts")],
  absWorkingDir: root,
  outfile: beside,
  bundle: true,
  platform: "node",
  target: "node22",
  format: "cjs",
  minify: true,
  keepNames: true,
  // Large, and needed by few commands: found in node_modules, where the bundle is. The last three are optional.
  external: ["@pulumi/*", "esbuild", "ssh2", "pg-native", "cpu-features", "*.node"],
  // A bundle has another place than the checkout, and the command works in the checkout.
  plugins: [withoutUnused, ownFolders],
  logLevel: "warning",
});
renameSync(beside, outfile);
