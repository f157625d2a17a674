import type { Client } from "pg";
import type { Context } from "../../../scripts/agent/kit/context";
import * as checkLogin from "../../../scripts/agent/restore/checkLogin";
import { RestoreRole } from "../../../scripts/agent/restore/restoreRole";

jest.mock("../../../scripts/agent/restore/checkLogin");

it("takes the rights of an owner back whose part failed, before it gives those of the next one", async () => {
  jest.mocked(checkLogin.checkLogin).mockResolvedValue();
  const asked: string[] = [];
  const query = (text: string) => {
    asked.push(text);
    const rows = text.includes("advisory_lock") ? [{ got: true }] : [];
    return Promise.resolve({ rows, rowCount: 0 });
  };
  const config = { stack: "dev", primary: { host: "db", port: 5432 }, role: {} };
  const context = { config, paths: { run: "/tmp" } } as unknown as Context;
  const client = { query } as unknown as Client;
  const connect = () => Promise.reject(new Error("nothing of it is in a database"));
  const role = await RestoreRole.create(context, client, 15, connect, []);
  await role.enter("app", ["alice"]);
  await role.enter("app", ["bob"]);
  await role.leave();
  expect(asked.filter((text) => /^(GRANT|REVOKE)/.test(text))).toEqual([
    'GRANT "alice" TO "laterbase_dev_restore"',
    'REVOKE "alice" FROM "laterbase_dev_restore"',
    'GRANT "bob" TO "laterbase_dev_restore"',
    'REVOKE "bob" FROM "laterbase_dev_restore"',
  ]);
  await role.remove(connect);
});
