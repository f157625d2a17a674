import { resolve } from "node:path";
import { run } from "../../support/process";

const script = resolve(__dirname, "../../../scripts/ci/images.sh");

it.each([
  [
    [],
    { LATERBASE_TAG: "1" },
    1,
    "laterbase: LATERBASE_REGISTRY must be the registry and the project's path in it, such as " +
      "registry.example.com/group/project.\n",
  ],
  [
    [],
    { LATERBASE_REGISTRY: "registry.example.com/p" },
    1,
    "laterbase: LATERBASE_TAG must be the tag of the images, such as the commit 3f2a9c1.\n",
  ],
  [["--json"], {}, 2, "laterbase: --json needs a file.\n"],
  [["--nope"], {}, 2, "laterbase: images.sh does not know --nope.\n"],
] as const)("images.sh %j with %j ends with %i", async (words, env, code, said) => {
  const none = { LATERBASE_REGISTRY: undefined, LATERBASE_TAG: undefined };
  const ran = await run("bash", [script, ...words], { env: { ...none, ...env } });
  expect([ran.code, ran.stdout + ran.stderr]).toEqual([code, said]);
});

it("images.sh --help says what it does", async () => {
  const { code, stdout } = await run("bash", [script, "--help"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^scripts\/ci\/images\.sh \[--json <file>\] \[--fresh\] \[stack file…\]: builds/,
  );
  expect(stdout.trim().split("\n")).toHaveLength(4);
});
