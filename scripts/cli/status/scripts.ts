import { maintenanceDatabase } from "../../../contract/maintenanceDatabases";
import { dataFolder, type ServerKind, socketFolder } from "../../../contract/names";
import { shellQuote } from "../../../contract/quoting";
import { sessionOptions } from "../../../contract/sessionSettings";
import { asSeveral, standbySql } from "../../../contract/health/sql";

/** Marks what comes after the answers of the server. No JSON begins like this. */
const mark = "#";

/** A session of the superuser by the server's own socket, which asks for no password. */
function session(kind: ServerKind, major: number, superuser: string): string {
  const settings = { statement_timeout: "2500", lock_timeout: "1000" };
  const options = sessionOptions({ major, superuser: true, with: settings });
  return `export PGOPTIONS=${shellQuote(options)} PGCONNECT_TIMEOUT=2
ask() { timeout 8 psql -XAtqw -v VERBOSITY=sqlstate -h ${socketFolder(kind)} -U ${shellQuote(superuser)} -d "$1" 2>/dev/null; }
`;
}

const room = (kind: ServerKind) =>
  `printf '${mark}disk '; df -P -B1 ${dataFolder(kind)} 2>/dev/null | tail -n 1\n`;

/** What is run in a managed primary's container. Nothing that a server says becomes part of a command. */
export function primaryScript(major: number, superuser: string): string {
  return `${session("primary", major, superuser)}sql=$(cat <<'SQL'
${asSeveral()}SQL
)
ask ${maintenanceDatabase} <<<"$sql" || ask template1 <<<"$sql"
${room("primary")}`;
}

/** What is run in a standby's container. */
export function standbyScript(major: number, superuser: string): string {
  return `${session("standby", major, superuser)}ask template1 <<'SQL'
${standbySql}SQL
${room("standby")}timeout 2 pg_isready -q -t 2 -h "$PRIMARY_HOST" -p "$PRIMARY_PORT"
printf '${mark}primary %s\\n' $?
`;
}

/** What a script printed: JSON of the server, and below it lines of the container. */
export interface Printed {
  /** The objects, as one. */
  json: Record<string, unknown>;
  /** By the first word of the line. */
  lines: Record<string, string>;
}

export function readPrinted(text: string): Printed {
  const printed: Printed = { json: {}, lines: {} };
  for (const line of text.split("\n")) {
    if (line.startsWith(mark)) {
      const [word = "", ...rest] = line.slice(mark.length).split(" ");
      printed.lines[word] = rest.join(" ");
    } else if (line.startsWith("{")) {
      try {
        Object.assign(printed.json, JSON.parse(line));
      } catch {
        // A server that was stopped in the middle of its answer.
      }
    }
  }
  return printed;
}

/** A line of `df -P -B1`. */
export function readDisk(line: string | undefined, holds: string) {
  const [, bytes, , free] = (line ?? "").split(/\s+/).map(Number);
  if (!Number.isFinite(bytes) || !Number.isFinite(free)) return undefined;
  return { holds, bytes: bytes!, free: free! };
}
