import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, relative, resolve } from "node:path";
import { makeContexts } from "../../../images/build/context";
import { nodeImage } from "../../../images/build/nodeImage";

const project = resolve(__dirname, "../../..");
const name = `test-${process.pid}`;
mkdirSync(join(project, ".laterbase"), { recursive: true });
const sources = mkdtempSync(join(project, ".laterbase", "sources-"));
const folder = relative(project, sources);
const context = join(project, ".laterbase", name);
const program = { name, entry: join(folder, "main.ts"), sources: [folder], folder };
const image = (base = "debian") => nodeImage(program, "1", { BASE: base });

beforeAll(() => {
  writeFileSync(join(sources, "Dockerfile"), "FROM scratch\n");
  writeFileSync(join(sources, "main.ts"), 'const word: string = "first";\nconsole.log(word);\n');
});

afterAll(() => {
  for (const path of [sources, context]) rmSync(path, { recursive: true, force: true });
});

describe("nodeImage", () => {
  it("names the context and makes nothing", () => {
    const { tag, context: path } = image();
    expect(tag).toMatch(new RegExp(`^laterbase/${name}:1-[0-9a-f]{12}$`));
    expect(path).toBe(join(".laterbase", name));
    expect(existsSync(context)).toBe(false);
  });

  it("gives another tag for other sources or another base, and the same for the same", () => {
    const first = image().tag;
    expect(image().tag).toBe(first);
    expect(image("other").tag).not.toBe(first);
    writeFileSync(join(sources, "main.ts"), 'console.log("second");\n');
    expect(image().tag).not.toBe(first);
  });
});

describe("makeContexts", () => {
  it("writes Dockerfile, bundle, and a Node for each architecture", () => {
    makeContexts([image()]);
    for (const file of ["Dockerfile", "program.cjs", "node-amd64.tgz", "node-arm64.tgz"]) {
      expect([file, existsSync(join(context, file))]).toEqual([file, true]);
    }
    expect(existsSync(join(context, "main.ts"))).toBe(false);
  });

  it("leaves a context alone until its content changes", () => {
    const before = statSync(context).ino;
    makeContexts([image("other")]);
    expect(statSync(context).ino).toBe(before);
    writeFileSync(join(sources, "main.ts"), 'console.log("third");\n');
    makeContexts([image()]);
    expect(readFileSync(join(context, "program.cjs"), "utf8")).toContain("third");
  });

  it("keeps the old context when a new one cannot be made, and leaves nothing half", () => {
    const fill = (fresh: string) => {
      writeFileSync(join(fresh, "program.cjs"), "half");
      throw new Error("the disk is full");
    };
    expect(() => makeContexts([{ ...image(), stamp: "another", fill }])).toThrow("disk is full");
    expect(readFileSync(join(context, "program.cjs"), "utf8")).toContain("third");
    expect(existsSync(`${context}.${process.pid}`)).toBe(false);
  });

  it("has nothing to do for an image that is pulled or built from the checkout", () => {
    makeContexts([{ pulled: "mcuadros/ofelia:0.3.21" }, { context: "images/postgres" }]);
  });
});
