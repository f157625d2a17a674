import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, relative, resolve } from "node:path";
import { nodeImage } from "../../../images/build/nodeImage";
import { serviceImage } from "../../../images/build/services";

const project = resolve(__dirname, "../../..");
const name = `test-${process.pid}`;
mkdirSync(join(project, ".laterbase"), { recursive: true });
const folder = mkdtempSync(join(project, ".laterbase", "sources-"));
const context = join(project, ".laterbase", name);
const image = (buildArgs = { BASE: "debian" }) =>
  nodeImage({
    name,
    version: "1",
    entry: join(relative(project, folder), "main.ts"),
    sources: [relative(project, folder)],
    folder: relative(project, folder),
    buildArgs,
  });

beforeAll(() => {
  writeFileSync(join(folder, "Dockerfile"), "FROM scratch\n");
  writeFileSync(join(folder, "main.ts"), 'const word: string = "first";\nconsole.log(word);\n');
});

afterAll(() => {
  for (const path of [folder, context]) rmSync(path, { recursive: true, force: true });
});

describe("nodeImage", () => {
  it("makes a context of Dockerfile, bundle, and a Node for each architecture", () => {
    const { tag, context: path } = image();
    expect(tag).toMatch(new RegExp(`^laterbase/${name}:1-[0-9a-f]{12}$`));
    expect(path).toBe(join(".laterbase", name));
    for (const file of ["Dockerfile", "program.cjs", "node-amd64.tgz", "node-arm64.tgz"]) {
      expect([file, existsSync(join(context, file))]).toEqual([file, true]);
    }
    expect(existsSync(join(context, "main.ts"))).toBe(false);
  });

  it("gives another tag for other sources or another base, and the same for the same", () => {
    const first = image().tag;
    expect(image().tag).toBe(first);
    expect(image({ BASE: "other" }).tag).not.toBe(first);
    writeFileSync(join(folder, "main.ts"), 'console.log("second");\n');
    expect(image().tag).not.toBe(first);
    expect(readFileSync(join(context, "program.cjs"), "utf8")).toContain("second");
  });
});

describe("agentImage", () => {
  it("is made of every source outside of its folder that it takes in", () => {
    const outside = readdirSync(join(project, "scripts/agent"), {
      recursive: true,
      encoding: "utf8",
    })
      .filter((file) => file.endsWith(".ts"))
      .flatMap((file) => {
        const path = join(project, "scripts/agent", file);
        const found = readFileSync(path, "utf8").matchAll(/from "(\.\.\/[^"]+)"/g);
        return [...found].map(([, from]) => relative(project, resolve(path, "..", from!)));
      })
      .filter((file) => !file.startsWith("scripts/agent/"));
    expect(outside.length).toBeGreaterThan(0);
    expect(outside.filter((file) => !file.startsWith("contract/"))).toEqual([]);
  });
});

describe("serviceImage", () => {
  const before = process.env["LATERBASE_STAND_INS"];
  afterEach(() => {
    if (before === undefined) delete process.env["LATERBASE_STAND_INS"];
    else process.env["LATERBASE_STAND_INS"] = before;
  });

  it("is the real one, pinned, unless set-up found no registry", () => {
    delete process.env["LATERBASE_STAND_INS"];
    expect(serviceImage("ofelia")).toEqual({ pulled: "mcuadros/ofelia:0.3.21" });
    expect(serviceImage("socketProxy")).toEqual({ pulled: "wollomatic/socket-proxy:1.13.1" });
    expect(serviceImage("duplicati")).toEqual({ pulled: "duplicati/duplicati:2.3.0.4" });
    process.env["LATERBASE_STAND_INS"] = "yes";
    expect(serviceImage("socketProxy")).toMatchObject({
      tag: expect.stringMatching(/^laterbase\/socket-proxy-stand-in:1\.13\.1-[0-9a-f]{12}$/),
    });
  });
});
