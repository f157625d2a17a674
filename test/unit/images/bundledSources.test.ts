import { build } from "esbuild";
import { relative } from "node:path";
import { agentProgram } from "../../../images/build/agent";
import { project } from "../../../images/build/context";
import { bundling, hashedFiles, type Program } from "../../../images/build/nodeImage";
import { services, standInProgram } from "../../../images/build/services";
import { socketProxyProgram } from "../../../images/build/socketProxy";

/** Files of ours that esbuild puts into the bundle of a program. */
async function bundle(entry: string): Promise<string[]> {
  const options = { ...bundling(entry), minify: false, absWorkingDir: project };
  const { metafile } = await build({ ...options, metafile: true, write: false });
  return Object.keys(metafile.inputs).filter((file) => !file.startsWith("node_modules/"));
}

const bundles = new Map<string, Promise<string[]>>();
/** The same. Each is made once. */
function bundled({ entry }: Program): Promise<string[]> {
  const known = bundles.get(entry) ?? bundle(entry);
  bundles.set(entry, known);
  return known;
}

/** Those of them that the image's tag would not notice a change of. */
async function forgotten(program: Program): Promise<string[]> {
  const hashed = hashedFiles(program).map((file) => relative(project, file));
  return (await bundled(program)).filter((file) => !hashed.includes(file));
}

describe("the tag of an image with a bundled program", () => {
  const programs = [agentProgram, socketProxyProgram, ...services.map(standInProgram)];

  it.each(programs)("$name follows every file in the bundle", async (program) => {
    expect(await bundled(program)).toContain(program.entry);
    expect(await forgotten(program)).toEqual([]);
  });

  it("would be wrong for an import from a folder that is not hashed", async () => {
    const files = await forgotten({ ...agentProgram, sources: ["scripts/agent"] });
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !file.startsWith("contract/"))).toEqual([]);
  });
});
