import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PipelineLab } from "../support/pipelineLab";
import { doAll } from "../support/process";
import { Stack } from "../support/stack";

jest.setTimeout(600_000);

// The preview's job of .gitlab-ci.yml for a running stack, run by gitlab-ci-local, with a bare repository and a server
// of notes. The images are those that are built on the spot. What this does not prove: images in a registry, deploys,
// the gate (the trials of pipelines do).
const stack = new Stack("t-pipeline");
const job = `preview: [${stack.name}]`;
const lab = new PipelineLab(stack.name, {
  ...{ PULUMI_BACKEND_URL: stack.env["PULUMI_BACKEND_URL"]! },
  ...{ PULUMI_CONFIG_PASSPHRASE: stack.env["PULUMI_CONFIG_PASSPHRASE"]! },
  ...{
    LATERBASE_REGISTRY: "",
    XDG_CACHE_HOME: process.env["XDG_CACHE_HOME"] || `${process.env["HOME"]}/.cache`,
  },
});
const standbys = [{ name: "standby", port: 18991 }];
const primary = { kind: "managed", version: 17, port: 18990, databases: ["app"] };
const title = (commit: string) =>
  `### Laterbase, stack \`${stack.name}\` at \`${commit.slice(0, 8)}\``;
let written = "";

beforeAll(async () => {
  await lab.start();
  await stack.configure({ primary, standbys });
  await stack.up();
  written = readFileSync(join(stack.folder, "stack.yaml"), "utf8");
});
afterAll(() =>
  doAll(
    () => lab.remove(),
    () => stack.remove(),
  ),
);

it("writes one note into a merge request, which the next push edits", async () => {
  lab.configure(written);
  const commit = await lab.push("feature");
  const first = await lab.request([job]);
  expect([first.code, lab.note]).toEqual([0, `${title(commit)}: no change\n`]);

  lab.configure(written.replace("port: 18991", "port: 18992"));
  const next = await lab.push("feature");
  const second = await lab.request([job]);
  expect([second.code, lab.note]).toEqual([
    0,
    `${title(next)}: 1 change\n\n` +
      "- **standby**: `port 18991 → 18992`: container made anew, data stay, readers reconnect, about 5 s\n",
  ]);
  const { asked } = lab.notes;
  expect(asked.filter((one) => !one.startsWith("GET"))).toEqual([
    "POST /api/v4/projects/1/merge_requests/7/notes",
    "PUT /api/v4/projects/1/merge_requests/7/notes/1",
  ]);
  // The checkout stays as it is.
  expect(await lab.git("status", "--porcelain")).toBe("");
});

it("fails when a change would delete a data volume, and says so first", async () => {
  lab.configure(
    written.replace(/ {2}laterbase:standbys:[^]*?(?=\n\w)/, "  laterbase:standbys: []"),
  );
  const commit = await lab.push("feature");
  const { code } = await lab.request([job]);
  expect(code).not.toBe(0);
  expect(lab.note.split("\n").slice(0, 4)).toEqual([
    `${title(commit)}: refused`,
    "",
    `- \`This change would delete the data volume laterbase-${stack.name}-standby-data.\``,
    expect.stringMatching(
      /^- `The stack file has no standby "standby" any more, and its data are protected\. /,
    ),
  ]);
});
