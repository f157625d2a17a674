import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import type Docker from "dockerode";
import { agentProgram } from "../../../images/build/agent";
import { project } from "../../../images/build/context";
import { bundling, type Program } from "../../../images/build/nodeImage";
import { nodeFor } from "../../../images/build/nodePackage";
import { services, standInProgram } from "../../../images/build/services";
import { socketProxyProgram } from "../../../images/build/socketProxy";
import { runAsRoot } from "../../engine/rootScript";
import type { MadeImage } from "./build";
import { bom, type Component } from "./bom";

/** Prints a line for each package that an image has: its kind, name, version and architecture. */
const script = `set -eu
. /etc/os-release
echo "suite $ID $VERSION_ID"
dpkg-query -W -f 'deb \${Package} \${Version} \${Architecture}\\n'
find / -xdev -type d -name '*.dist-info' -path '*/site-packages/*' 2>/dev/null | while read -r folder; do
  awk '/^Name: /{ name = $2 } /^Version: /{ version = $2 } /^$/{ exit } END { print "pypi", name, version }' "$folder/METADATA"
done`;

/** What an image contains, as a bill of materials: its packages as the image itself lists them, and those in our programs. */
export async function contentsOf(
  engine: Docker,
  { name, image, reference }: MadeImage,
): Promise<object> {
  const run = {
    image: reference,
    script,
    words: [],
    capabilities: ["DAC_READ_SEARCH"],
    mounts: [],
  };
  const { code, stdout, stderr } = await runAsRoot(engine, run);
  if (code !== 0)
    throw new Error(`The packages of ${reference} cannot be listed: ${stderr.trim()}`);
  const inspected = await engine.getImage(reference).inspect();
  const label = (word: string) => inspected.Config.Labels?.[`org.opencontainers.image.${word}`];
  const version = label("version") ?? "";
  const components = [...listed(stdout), ...bundled(name)];
  return bom({ name: image, version, revision: label("revision") }, components);
}

/** The lines of the script. */
export function listed(text: string): Component[] {
  let distribution = "debian";
  let suite = "";
  return text.split("\n").flatMap((line): Component[] => {
    const [kind, name = "", version = "", architecture = ""] = line.trim().split(" ");
    if (kind === "suite") [distribution, suite] = [name, version];
    if (kind === "pypi") return [{ type: "pypi", name: name.toLowerCase(), version }];
    if (kind !== "deb") return [];
    const qualifiers = { arch: architecture, distro: `${distribution}-${suite}` };
    return [{ type: "deb", namespace: distribution, name, version, qualifiers }];
  });
}

function programOf(name: string): Program | undefined {
  if (/^agent-/.test(name)) return agentProgram;
  const all = [socketProxyProgram, ...services.map(standInProgram)];
  return all.find((program) => program.name === name);
}

/** The packages in an image's program, which is one file. The image itself cannot list them. */
export function bundled(name: string): Component[] {
  const program = programOf(name);
  return program ? npmPackages(program) : name === "versitygw" ? goModules() : [];
}

/** Node, and the packages of npm that the bundler puts into a program. */
function npmPackages(program: Program): Component[] {
  const { metafile } = buildSync({ ...bundling(program.entry), metafile: true, write: false });
  const folders = Object.keys(metafile.inputs).flatMap(
    (file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? [],
  );
  const packages = [...new Set(folders)].map((folder) => {
    const file = join(project, folder, "package.json");
    return JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
  });
  const node: Component = { type: "generic", name: "node", version: nodeFor("amd64").version };
  return [
    node,
    ...packages.map((one): Component => {
      const [own = "", namespace] = (one["name"] ?? "").split("/").reverse();
      const license = typeof one["license"] === "string" ? { license: one["license"] } : {};
      const scope = namespace ? { namespace } : {};
      return { type: "npm", name: own, ...scope, version: one["version"] ?? "", ...license };
    }),
  ];
}

/** versitygw and the modules of Go that it is built with. */
function goModules(): Component[] {
  const text = readFileSync(join(project, "images/objectStore/go.mod"), "utf8");
  return [...text.matchAll(/^(?:require )?\s*(\S+\.\S+\/\S+) (v\S+)/gm)].map(
    ([, path = "", version = ""]) => {
      const slash = path.lastIndexOf("/");
      const [namespace, own] = [path.slice(0, slash), path.slice(slash + 1)];
      return { type: "golang", namespace, name: own, version };
    },
  );
}
