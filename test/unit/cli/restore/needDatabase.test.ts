import { needDatabase } from "../../../../scripts/cli/restore/needDatabase";
import type { RestoreContainer } from "../../../../scripts/cli/restore/restoreContainer";
import { plannedFor } from "../../../support/unit/plannedFor";

const plan = plannedFor({ kind: "latest" });
const backupOf = (...names: string[]) =>
  JSON.stringify([
    { backup: [{ "database-ref": names.map((name, oid) => ({ name, oid })) }], name: "main" },
  ]);

/** Looks for `app`. The primary has these, and pgBackRest says this of the backup. */
async function look(primary: string[] | Error, stdout: string, code = 0) {
  const ran: string[][] = [];
  const container = {
    run: (words: string[]) => {
      ran.push(words);
      return Promise.resolve({ code, stdout, stderr: "" });
    },
  } as unknown as RestoreContainer;
  const present = () =>
    primary instanceof Error ? Promise.reject(primary) : Promise.resolve(primary);
  await needDatabase(container, { database: "app", stanza: "main", plan, present });
  return ran;
}

it("asks the backup only where the primary has no such database", async () => {
  expect(await look(["app", "postgres"], "")).toEqual([]);
  expect(await look(["postgres"], backupOf("app", "postgres"))).toEqual([
    [
      ...["pgbackrest", "info", "--stanza=main", "--repo=1", "--set=20261129-120000F"],
      ...["--output=json", "--log-level-file=off", "--log-level-console=off"],
    ],
  ]);
});

it("refuses a name that both do not have", async () => {
  await expect(look(["apps", "postgres"], backupOf("postgres"))).rejects.toMatchObject({
    exitCode: 4,
    message:
      'Neither the primary nor the backup 20261129-120000F has a database "app": the primary has "apps", "postgres". For one that was there only in between, restore without --database and dump it yourself.',
  });
});

it("leaves it to the restored server where one of them does not say", async () => {
  expect(await look(new Error("away"), "")).toEqual([]);
  expect(await look(["apps"], "", 27)).toHaveLength(1);
  expect(await look(["apps"], "[]")).toHaveLength(1);
  expect(await look(["apps"], "no JSON")).toHaveLength(1);
});
