import { dataFolder } from "../../../contract/names";
import { refuseData } from "../../../scripts/cli/lost/refuseData";

/** What is refused where the volume has these names. */
async function refused(...names: string[]): Promise<string> {
  const paths = names.map((name) => `${dataFolder("primary")}/${name}`);
  const run = ([, , path = ""]: readonly string[]) =>
    Promise.resolve({ code: paths.includes(path) ? 0 : 1, stdout: "", stderr: "" });
  const volumes = { data: "v", conf: "c", repositories: "r" };
  return refuseData({ run }, { volumes }).then(
    () => "nothing",
    ({ message }: Error) => message,
  );
}

const unfinished =
  "The volume v has the primary's data, with a restore in place that is not accepted or not finished: bring the stack up, and 'restore --in-place' or 'restore --undo' goes on with it.";

it.each([
  ["no data", [], "nothing"],
  ["a restore of a lost primary that was killed", ["data.restoring"], "nothing"],
  [
    "data",
    ["data"],
    "The volume v has the primary's data: bring the stack up, and nothing has to be restored.",
  ],
  [
    "a swap that was killed between its renames",
    ["data.before-restore", "data.restoring"],
    unfinished,
  ],
  ["data that are being overwritten", ["data", "restore.json"], unfinished],
] as const)("a volume with %s", async (_, names, sentence) => {
  expect(await refused(...names)).toBe(sentence);
});
