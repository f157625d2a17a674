import type { Login, PoolerOutput } from "../../../contract/stackOutputs";
import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { table } from "../terminal/table";
import { waysOf } from "./connections";

export const credentials: OperatorCommand = {
  name: "credentials",
  description: "show every login, password and passphrase of the stack",
  example: "credentials",
  documented: "docs/connections.md",
  run: showCredentials,
};

async function showCredentials(session: Session): Promise<void> {
  const outputs = await session.stackOutputs();
  const { connections = {}, pooler, pgAdmin, duplicati } = outputs;
  const superuser = await session.superuser();
  const repositories = (outputs.backups?.repositories ?? []).flatMap(
    ({ number, location, passphrase }) =>
      passphrase === undefined ? [] : [{ number, location, passphrase }],
  );
  const others = {
    ...(pooler ? { pooler: { admin: pooler.admin, stats: pooler.stats } } : {}),
    ...(pgAdmin ? { pgAdmin } : {}),
    ...(duplicati ? { duplicati } : {}),
    ...(repositories.length > 0 ? { repositories } : {}),
  };
  session.show({ superuser, connections, ...others }, () => {
    const rows = Object.entries(connections).flatMap(([database, uris]) =>
      waysOf(uris).map(([way, uri]) => [database, way, uri]),
    );
    const parts = [
      rows.length > 0 ? table([["DATABASE", "WAY", "URI"], ...rows]) : "",
      table([
        ["superuser", superuser.name],
        ["  password", superuser.password ?? "none"],
      ]),
    ];
    if (pooler) parts.push(consoleLogins(pooler));
    if (pgAdmin) {
      parts.push(
        table([
          ["pgAdmin", pgAdmin.url],
          ["  e-mail", pgAdmin.email],
          ["  password", pgAdmin.password],
        ]),
      );
    }
    if (duplicati) {
      parts.push(
        table([
          ["Duplicati", duplicati.url],
          ["  password", duplicati.password],
          ["  passphrase", duplicati.passphrase],
        ]),
        "Nobody can read the archives without the passphrase: keep a copy of it on another machine.",
      );
    }
    if (repositories.length > 0) {
      parts.push(
        table([
          ["REPOSITORY", "PLACE", "PASSPHRASE"],
          ...repositories.map((one) => [String(one.number), one.location, one.passphrase]),
        ]),
        "Nobody can restore the backups without the passphrase: keep a copy of it on another machine.",
      );
    }
    return parts.filter((part) => part !== "").join("\n\n");
  });
}

/** Both logins open the console, which is the database `pgbouncer`, and no other database. */
function consoleLogins({ host, port, admin, stats }: PoolerOutput): string {
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const uri = ({ name, password }: Login) =>
    `postgresql://${[name, password].map(encodeURIComponent).join(":")}@${address}/pgbouncer`;
  return table([
    ["PgBouncer's console", uri(admin)],
    ["  read only", uri(stats)],
  ]);
}
