import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// The program with a stand-in for Pulumi. The trial `words` reads the events of the real one.
const parent =
  "urn:pulumi:t::laterbase::laterbase:index:Laterbase$laterbase:index:Standby::standby";
const state = (external: number) => ({
  parent,
  inputs: { ports: [{ external, ip: "127.0.0.1" }] },
});
const event = {
  resourcePreEvent: {
    metadata: {
      ...{ op: "replace", type: "docker:index/container:Container", diffs: ["ports"] },
      ...{ urn: `${parent}-container`, old: state(8009), new: state(8010) },
    },
  },
};
const warning = {
  diagnosticEvent: { severity: "warning", message: "the primary sleeps\n", ephemeral: false },
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lbt-note-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What the program prints, and its exit code, where Pulumi runs this script. */
function note(script: string) {
  const pulumi = join(folder, "pulumi");
  writeFileSync(pulumi, `#!/bin/bash\n${script}\n`);
  chmodSync(pulumi, 0o755);
  const words = ["--import", "tsx", "scripts/wrapper/previewNote.ts", "prod", "--refresh"];
  const env = { ...process.env, PATH: `${folder}:${process.env["PATH"]}` };
  const { status, stdout } = spawnSync(process.execPath, words, { env, encoding: "utf8" });
  return { status, stdout };
}

it("prints the changes and the warnings of a preview as Markdown", () => {
  writeFileSync(join(folder, "log"), `${JSON.stringify(warning)}\n${JSON.stringify(event)}\n`);
  const script = `echo "$*" >${folder}/words; cat ${folder}/log`;
  expect(note(script)).toEqual({
    status: 0,
    stdout:
      "### Laterbase, stack `prod`: 1 change\n\n" +
      "- **standby**: `port 8009 → 8010`: container made anew, data stay, readers reconnect, about 5 s\n" +
      "\n**Warnings**\n\n- `the primary sleeps`\n",
  });
});

it("says why a preview failed, and fails too", () => {
  expect(note("echo 'error: no stack named prod' >&2; exit 255")).toEqual({
    status: 1,
    stdout:
      "### Laterbase, stack `prod`: the preview failed\n\n**Errors**\n\n- `error: no stack named prod`\n",
  });
});
