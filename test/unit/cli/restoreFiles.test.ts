import type { RestorePlan } from "../../../contract/restorePlan";
import type { RestoreContainer, RestoreRan } from "../../../scripts/cli/restore/restoreContainer";
import { restoreFiles } from "../../../scripts/cli/restore/restoreFiles";
import { needRoom } from "../../../scripts/cli/restore/room";

type Answer = Partial<RestoreRan> & { lines?: string[] };

/** A container whose programs answer so, by their first two words. */
function container(answers: Record<string, Answer>) {
  const ran: (readonly string[])[] = [];
  const run: RestoreContainer["run"] = (words, { onLine } = {}) => {
    ran.push(words);
    const { lines = [], ...answer } = answers[words.slice(0, 2).join(" ")] ?? {};
    for (const line of lines) onLine?.(line);
    return Promise.resolve({ code: 0, stdout: "", stderr: "", ...answer });
  };
  return { ran, container: { run } as RestoreContainer };
}

async function restore(answers: Record<string, Answer>) {
  const said: string[] = [];
  const fake = container(answers);
  const work = restoreFiles(fake.container, {
    ...{ stanza: "main", words: ["restore", "--repo=2", "--set=20261129-120000F", "--type=name"] },
    ...{ folder: "data", bytes: 1_300_000_000, say: (line) => said.push(line) },
  });
  const error = await work.then(
    () => "",
    ({ message }: Error) => message,
  );
  return { ran: fake.ran, said, error };
}

describe("the restore of a backup's files", () => {
  it("makes the folder, and says every ten percent how far it is", async () => {
    const file = "P01 DETAIL: restore file /data/base/1/1 (8KB, ";
    const lines = [`${file}9.99%) checksum a`, `${file}25.1%) checksum a`, `${file}100.00%)`];
    const { ran, said, error } = await restore({ "pgbackrest restore": { lines } });
    expect(error).toBe("");
    expect(ran.map((words) => words.slice(0, 2))).toEqual([
      ["mkdir", "-p"],
      ["pgbackrest", "restore"],
    ]);
    expect(said).toEqual(["restored 20 % of 1.3 GB", "restored 1.3 GB of data"]);
  });

  it("says what pgBackRest's exit code means, with its own words", async () => {
    const lines = ["P00  ERROR: [038]: unable to restore while PostgreSQL is running"];
    const { error } = await restore({ "pgbackrest restore": { code: 38, lines } });
    expect(error).toBe(
      "A server runs on the data, or one was killed there and left postmaster.pid. Stop it first. " +
        "pgBackRest says: unable to restore while PostgreSQL is running. [38]",
    );
  });

  it("names the files that are damaged", async () => {
    const file = "main/backup/20261129-120000F/pg_data/base/1/1.lz4";
    const { ran, error } = await restore({
      "pgbackrest restore": { code: 29, lines: ["P00  ERROR: [029]: lz4 error"] },
      "pgbackrest verify": {
        lines: [`P01 DETAIL: invalid checksum '${file}'`, `P01 DETAIL: invalid checksum '${file}'`],
      },
    });
    expect(error).toMatch(
      / pgBackRest says: lz4 error\. \[29\] Damaged: main\/backup\/\S+\.lz4\.$/,
    );
    expect(ran.at(-1)).toEqual([
      ...["pgbackrest", "verify", "--stanza=main", "--log-level-file=off"],
      ...["--log-level-console=detail", "--log-level-stderr=off"],
      ...["--repo=2", "--set=20261129-120000F"],
    ]);
  });
});

it("a restore without room is refused with both figures", async () => {
  const plan = { set: { bytes: 1_300_000_000 }, wal: { segments: 1 } } as RestorePlan;
  const room = (free: string, code = 0) =>
    needRoom(
      container({ "df --block-size=1": { code, stdout: `Avail\n${free}` } }).container,
      plan,
    );
  await expect(room("1585212672")).resolves.toBeUndefined();
  await expect(room("1585212671")).rejects.toMatchObject({
    exitCode: 4,
    message:
      "The restore needs 1.6 GB on the primary's engine, and 1.6 GB are free: make room there.",
  });
  await expect(room("", 1)).rejects.toThrow("The room cannot be seen");
});
