import type Dockerode from "dockerode";
import type { PrimaryFacts, Seen } from "../../../contract/health/facts";
import type * as LoginFrom from "../../primary/loginFrom";
import { asOne, primarySql } from "../../../contract/health/sql";

/** A login on an external primary, and a container from which it works. */
export interface ExternalLogin {
  engine: Dockerode;
  container: string;
  host: string;
  port: number;
  version: number;
  superuser: string;
  password: string;
}

type Fact = keyof typeof primarySql;

const all = Object.keys(primarySql) as Fact[];

/** Asks an external primary from a container that reaches it. The password leaves this process in the protocol only. */
export async function askExternal({
  engine,
  container,
  ...login
}: ExternalLogin): Promise<Seen<PrimaryFacts>> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late: no managed primary needs it
  const { askFrom } = require("../../primary/loginFrom") as typeof LoginFrom;
  const ask = (facts: readonly Fact[]) =>
    askFrom<Record<string, unknown>>(engine, container, login, asOne(facts));
  try {
    return primaryFacts(
      await ask(all).catch((error: Error & { code?: string }) => {
        // The sizes of thousands of tables take too long, and no other fact may be lost for them.
        if (error.code !== "57014") throw error;
        return ask(all.filter((name) => name !== "databases"));
      }),
    );
  } catch (error) {
    return {
      unknown: `It does not answer at ${login.host}:${login.port}: ${said(error as Error)}.`,
    };
  }
}

const said = ({ message }: Error) => message.trim().split("\n")[0]!.replace(/\.$/, "");

/** The facts in what a primary answered. */
export function primaryFacts({ server, ...rest }: Record<string, unknown>): Seen<PrimaryFacts> {
  if (!server) return { unknown: "Its server gives no answer." };
  const { slots = [], replicas = [], running = [], archiver = null, databases = null } = rest;
  return { ...server, slots, replicas, running, archiver, databases } as PrimaryFacts;
}
