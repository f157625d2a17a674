import { spawnSync } from "node:child_process";

// The commands that states of commit 2c41f5a name. What this does not prove: that their scripts still
// run on a server, which the upgrade of a whole stack does.
const run = (words: string[], input: string) => {
  const env = { ...process.env, LATERBASE_ENGINE: "", LATERBASE_IMAGE: "" };
  const { status, stderr } = spawnSync("node", ["--import", "tsx", ...words], { input, env });
  return [status, stderr.toString()];
};

jest.setTimeout(60_000);

const noImage =
  "The step's container cannot run on the local Docker engine: LATERBASE_IMAGE is not set\n";

it("a step's destroy takes the bare script of an old state", () => {
  expect(run(["scripts/primary/inContainer.ts", "remove"], "REMAINS=''\nexit\n")).toEqual([
    1,
    `${noImage}What this step made on the primary is still there: a later destroy removes it.\n`,
  ]);
});

it("a step's update, which an old state keeps, takes what up sends now", () => {
  const input = JSON.stringify({ script: "exit", remains: ["A slot remains."] });
  expect(run(["scripts/primary/inContainer.ts", "mend"], input)).toEqual([1, noImage]);
  expect(run(["scripts/primary/inContainer.ts", "remove"], input)).toEqual([
    1,
    `${noImage}A slot remains.\n`,
  ]);
});

it.each(["textOrder", "primaryLogin"])("scripts/%s.ts is still a program", (name) => {
  const [code, said] = run([`scripts/${name}.ts`], "{}");
  expect([code, said]).toEqual([1, expect.stringMatching(/: usage: \w+\.ts </)]);
});
