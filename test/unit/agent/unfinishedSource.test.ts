import type { Client } from "pg";
import { unfinishedRestoreComment } from "../../../contract/unfinishedRestore";
import { refuseUnfinished } from "../../../scripts/agent/dump/source";

const answering = (rowCount: number) => {
  const query = jest.fn().mockResolvedValue({ rowCount, rows: [] });
  return { query, client: { query } as unknown as Client };
};

test("a database that a restore still fills is not dumped, also where its name is configured", async () => {
  const { client, query } = answering(1);
  await expect(refuseUnfinished(client, "dev", "app")).rejects.toThrow(
    '"app" is not dumped, because a restore of it is not finished, or was interrupted.',
  );
  // An owner can write that comment too, so it counts only until the restore gives the database away.
  expect(query).toHaveBeenCalledWith(expect.stringContaining("r.rolsuper OR r.rolname = $2"), [
    unfinishedRestoreComment("dev"),
    expect.stringContaining("dev"),
  ]);
});

test("any other is dumped", async () => {
  await expect(refuseUnfinished(answering(0).client, "dev", "app")).resolves.toBeUndefined();
});
