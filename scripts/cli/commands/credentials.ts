import { table } from "../format";
import type { Session } from "../session";

/** Everything that has to be known to get at the data, in one place. */
export async function credentials(session: Session): Promise<void> {
  const { connections = {}, duplicati } = await session.stackOutputs();
  session.show({ connections, ...(duplicati ? { duplicati } : {}) }, () => {
    const rows = Object.entries(connections).flatMap(([database, uris]) =>
      Object.entries(uris).map(([way, uri]) => [database, way, uri]),
    );
    const parts = [rows.length > 0 ? table([["DATABASE", "WAY", "URI"], ...rows]) : ""];
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
