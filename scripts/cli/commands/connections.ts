import { Argument } from "commander";
import type { OperatorCommand } from "../operatorCommand";
import type { ConnectionsResult } from "../results";
import type { Session } from "../session";
import { CliError } from "../terminal/cliError";
import { table } from "../terminal/table";

export const connections: OperatorCommand = {
  name: "connections",
  description: "print the URIs of the databases, with their passwords, as applications need them",
  example: "connections mfi_banking",
  documented: "docs/connections.md",
  arguments: [new Argument("[database]", "this database only")],
  run: showConnections,
};

async function showConnections(session: Session, database: string | undefined): Promise<void> {
  const { connections: all = {} } = await session.stackOutputs();
  const names = Object.keys(all);
  if (database !== undefined && !names.includes(database)) {
    const known = names.length === 0 ? "it has none" : `choose from ${names.join(", ")}`;
    throw new CliError(
      `The stack ${session.stack} has no URIs of a database ${JSON.stringify(database)}: ${known}.`,
      2,
    );
  }
  const result = Object.fromEntries(
    Object.entries(all).filter(([name]) => database === undefined || name === database),
  ) as ConnectionsResult;
  session.show(result, () => {
    const rows = Object.entries(result).flatMap(([name, uris]) =>
      waysOf(uris).map(([way, uri]) => [name, way, uri]),
    );
    return rows.length === 0
      ? `The stack ${session.stack} gives no URIs.`
      : table([["DATABASE", "WAY", "URI"], ...rows]);
  });
}

/** The ways to a database, from outside and from inside the stack's network. */
export function waysOf(uris: object, where = ""): [string, string][] {
  return Object.entries(uris).flatMap(([way, uri]: [string, unknown]) =>
    typeof uri === "object" && uri !== null
      ? waysOf(uri, ", inside")
      : [[`${way}${where}`, String(uri)] as [string, string]],
  );
}
