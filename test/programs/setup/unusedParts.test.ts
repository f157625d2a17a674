import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

const project = resolve(__dirname, "../../..");

/** What a Node with the arguments of Pulumi.yaml prints. */
function node(program: string): { out: string; err: string } {
  const args = ["--require", "tsx/cjs", "--require", "./scripts/patches/preload.ts"];
  const ran = spawnSync(process.execPath, [...args, "-e", program], {
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
