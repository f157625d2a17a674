import type { Client } from "pg";
import { codeOf, Failure } from "../kit/failure";
import type { Login } from "./login";

/** SQLSTATEs: no line in pg_hba.conf; a wrong password; the database lets others in only. */
const [NOT_ALLOWED, WRONG_PASSWORD, NO_CONNECT] = ["28000", "28P01", "42501"];

/** Logs in once as the restore's role. The failure says whom pg_hba.conf does not let in. */
export async function checkLogin(client: Client, login: Login, role: string): Promise<void> {
  try {
    const session = await login.connect(client.database ?? "postgres");
    await session.end();
  } catch (error) {
    const code = codeOf(error) ?? "";
    if (code === NO_CONNECT) return;
    if (code !== NOT_ALLOWED && code !== WRONG_PASSWORD) throw error;
    const { rows } = await client.query<{ address: string | null }>(
      "SELECT pg_catalog.host(pg_catalog.inet_client_addr()) AS address",
    );
    const from = rows[0]?.address ?? "this machine";
    throw new Failure(
      `The primary's pg_hba.conf does not let "${role}" in from ${from}: laterbase:primary.allowFrom must hold that address, and up writes the line; restore again after it`,
    );
  }
}
