import { table } from "../terminal/format";
import type { Session } from "../session";
import type { StackOutputs } from "../stack/outputs";

/** Everything that has to be known to get at the data, in one place. */
export async function credentials(session: Session): Promise<void> {
  const { connections = {}, pooler, pgAdmin, duplicati } = await session.stackOutputs();
  const others = {
    ...(pooler ? { pooler: { admin: pooler.admin, stats: pooler.stats } } : {}),
    ...(pgAdmin ? { pgAdmin } : {}),
    ...(duplicati ? { duplicati } : {}),
  };
  session.show({ connections, ...others }, () => {
    const rows = Object.entries(connections).flatMap(([database, uris]) =>
      Object.entries(uris).map(([way, uri]) => [database, way, uri]),
    );
    const parts = [rows.length > 0 ? table([["DATABASE", "WAY", "URI"], ...rows]) : ""];
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
        "Without the passphrase nobody reads the archives: keep a copy of it away from this machine.",
      );
    }
    return parts.filter((part) => part !== "").join("\n\n");
  });
}

/** Both work for the console, the database `pgbouncer`, and for no other. */
function consoleLogins({ host, port, admin, stats }: NonNullable<StackOutputs["pooler"]>): string {
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const uri = ({ name, password }: { name: string; password: string }) =>
    `postgresql://${[name, password].map(encodeURIComponent).join(":")}@${address}/pgbouncer`;
  return table([
    ["PgBouncer's console", uri(admin)],
    ["  to look only", uri(stats)],
  ]);
}
