import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

const project = resolve(__dirname, "../../..");

/** What a Node with the arguments of Pulumi.yaml prints. */
function node(program: string): { out: string; err: string } {
  const args = ["--require", "./scripts/patches/preload.cjs", "-e", program];
  const ran = spawnSync(process.execPath, args, {
    cwd: project,
    encoding: "utf8",
  });
  return { out: ran.stdout.trim(), err: ran.stderr.trim() };
}

it("Pulumi's SDK is loaded without TypeScript and npm's installer", () => {
  const loaded = node(`
    require("@pulumi/pulumi");
    const real = Object.values(require.cache).filter(({ children }) => children !== undefined);
    const names = ["typescript", "@npmcli/arborist", "pacote", "@grpc/grpc-js"];
    console.log(JSON.stringify(names.map((name) => real.some(({ id }) => id.includes("/node_modules/" + name + "/")))));
  `);
  expect(loaded).toEqual({ out: "[false,false,false,true]", err: "" });
});

it("a function that a program gives to a cloud gets the reason", () => {
  const { err } = node(`
    require("@pulumi/pulumi").runtime.serializeFunction(() => 1).catch(({ message }) => console.error(message));
  `);
  expect(err).toContain("Laterbase keeps Pulumi from loading typescript");
});

it("TypeScript is compiled by tsx, and JavaScript loaded by Node itself", () => {
  const native = "const Module = require('node:module'); const before = Module._extensions['.js'];";
  const program = `${native}
    require("./scripts/patches/preload.cjs");
    const { roleName } = require("./contract/names");
    console.log(roleName("dev"), Module._extensions[".js"] === before);`;
  const ran = spawnSync(process.execPath, ["-e", program], { cwd: project, encoding: "utf8" });
  expect([ran.stdout.trim(), ran.stderr]).toEqual(["laterbase_dev true", ""]);
});
