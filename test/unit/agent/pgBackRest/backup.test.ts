import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RepositorySettings } from "../../../../contract/pgBackRest";
import type { Context } from "../../../../scripts/agent/kit/context";
import { Failure } from "../../../../scripts/agent/kit/failure";
import { backupIn } from "../../../../scripts/agent/pgBackRest/backup";
import * as command from "../../../../scripts/agent/pgBackRest/command";

jest.mock("../../../../scripts/agent/pgBackRest/command", () => ({
  ...jest.requireActual<object>("../../../../scripts/agent/pgBackRest/command"),
  pgBackRest: jest.fn(),
}));

const recorded = (name: string) => readFileSync(join(__dirname, "recorded", "2.55", name), "utf8");
const [stanza] = JSON.parse(recorded("info.json")) as { backup: { label: string }[] }[];
const label = "20261129-102703F";
const repository = { number: 1, type: "s3", encrypted: false, location: "" } as RepositorySettings;

/** A full backup, after which pgBackRest shows its manifest, or does not. It drops those that were there before. */
async function backUp(manifest: () => Promise<command.Ran>, before: object[] = []) {
  const logged: string[] = [];
  const context = {
    config: { stack: "dev", major: 17, backups: { stanza: "main", repositories: [repository] } },
    paths: { records: "/nowhere" },
    log: (sentence: string) => logged.push(sentence),
  } as unknown as Context;
  let made = false;
  jest.mocked(command.pgBackRest).mockImplementation((_context, [name]) => {
    if (name === "repo-get") return manifest();
    if (name === "repo-ls") {
      return Promise.resolve({ code: 0, stdout: JSON.stringify({ [label]: { type: "path" } }) });
    }
    if (name === "backup") made = true;
    const backup = made ? stanza?.backup.slice(0, 1) : before;
    return Promise.resolve({ code: 0, stdout: JSON.stringify([{ ...stanza, backup }]) });
  });
  const signal = new AbortController().signal;
  const result = await backupIn(context, {
    type: "full",
    repository,
    say: () => undefined,
    signal,
  });
  return { result, logged };
}

const backup = {
  label,
  type: "full",
  bytes: 23_913_575,
  repositoryBytes: 4_625_538,
};

it("says which server a backup was copied from", async () => {
  const stdout = recorded("manifest.txt");
  const { result, logged } = await backUp(() => Promise.resolve({ code: 0, stdout }));
  expect([result.result, result.backup]).toEqual(["success", { ...backup, source: "primary" }]);
  expect(result.detail).toMatch(/^20261129-102703F: full from the primary, /);
  expect(logged).toEqual([]);
});

it("calls a backup good whose manifest cannot be read afterwards", async () => {
  const { result, logged } = await backUp(() => Promise.reject(new Failure("It is away.")));
  expect([result.result, result.backup]).toEqual(["success", backup]);
  expect(result.detail).toMatch(/^20261129-102703F: full, /);
  expect(logged).toEqual([
    "repository 1: the manifest of 20261129-102703F cannot be read: It is away.",
  ]);
});

it("fails after it is made where backups before it have vanished, and names them", async () => {
  const [full, ...others] = stanza?.backup.map((one) => ({ ...one })) ?? [];
  const old = { ...full, label: "20261122-020000F" };
  const incr = { ...others[0], label: "20261122-020000F_20261123-020000I", prior: old.label };
  const stdout = recorded("manifest.txt");
  const { result } = await backUp(() => Promise.resolve({ code: 0, stdout }), [old, incr]);
  expect([result.result, result.backup]).toEqual(["failed", { ...backup, source: "primary" }]);
  expect(result.detail).toMatch(
    /^The files of the backup 20261122-020000F are gone from the repository, and nothing expired it\. 1 more depends on such files, and cannot be restored: 20261122-020000F_20261123-020000I\. 20261129-102703F: full /,
  );
});
