import { randomBytes } from "node:crypto";
import { containerName } from "../contract/names";
import { exec } from "./container";
import { type Figure, interleaved, type Measurement, median } from "./figure";
import { fill, type Lab, withLab } from "./lab";
import { poolerByHand, poolerOfOurs } from "./poolers";

/** Measures what the pooler adds to a query, and what it saves a client that sends one query. */
export const pooler: Measurement = {
  name: "pooler",
  run: ({ quick, say }) =>
    withLab(say, async (lab) => {
      await fill(lab, quick ? 1 : 10);
      const ours = await poolerOfOurs(lab, say);
      const byHand = await poolerByHand(lab, say);
      const role = await application(lab);
      const superuser = { user: "postgres", password: lab.password };
      const seconds = String(quick ? 3 : 20);
      const side = (login: Login, host: string, port: number, options: string[]) => async () => {
        const ms = await latency(lab, { ...login, host, port }, ["-T", seconds, ...options]);
        say(`${options.join(" ")} ${host} ${ms.toFixed(3)} ms`);
        return ms;
      };
      const count = quick ? 1 : 5;
      const many = ["-c", "64", "-j", "2"];
      const queries = await interleaved(
        count,
        side(superuser, ours.host, 6432, many),
        side(superuser, byHand.host, 6432, many),
      );
      const short = ["-C", "-c", "32", "-j", "2"];
      const connects = await interleaved(
        count,
        side(role, ours.host, 6432, short),
        side(role, containerName(lab.prefix, "primary"), 5432, short),
      );
      return [
        figure(`pgbench -S, 64 clients, ${seconds} s`, "PgBouncer by hand", 1.1, queries),
        figure(`connect, query, close, 32 clients`, "direct to PostgreSQL", 0.6, connects),
      ];
    }),
};

function figure(measured: string, against: string, limit: number, runs: Figure["runs"]): Figure {
  const [ours, theirs] = [median(runs.ours), median(runs.theirs)];
  return { measured, against, unit: "ms", ours, theirs, kind: "ratio", limit, runs };
}

interface Login {
  user: string;
  password: string;
}

/** Makes a role like an application's. PgBouncer looks up its password at each login. */
async function application({ sql }: Lab): Promise<Login> {
  const login = { user: "application", password: randomBytes(16).toString("hex") };
  // The password is hexadecimal, so it needs no quoting.
  await sql.query(`CREATE ROLE ${login.user} LOGIN PASSWORD '${login.password}'`);
  await sql.query(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${login.user}`);
  return login;
}

/** The mean time of a transaction, with SCRAM over TCP. With `-C` it includes the connection. */
async function latency(
  lab: Lab,
  server: Login & { host: string; port: number },
  options: string[],
): Promise<number> {
  const fields = Object.entries({ ...server, dbname: "bench" });
  const uri = fields.map(([key, value]) => `${key}=${value}`).join(" ");
  const said = await exec(lab.primary, ["pgbench", "-n", "-S", ...options, uri]);
  const ms = /^latency average = ([0-9.]+) ms$/m.exec(said)?.[1];
  if (!ms) throw new Error(`pgbench printed no latency:\n${said}`);
  return Number(ms);
}
