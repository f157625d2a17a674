import { visible } from "../../../contract/visible";
import type { StepStanza } from "../../../contract/pgBackRestStep";
import { shellQuote } from "../../../contract/quoting";
import { sessionShell } from "../../../contract/sessionSettings";
import type { Said } from "../../engine/exec";
import { runStep, type StepPlace } from "../../engine/stepContainer";
import { readInfo, type RepositoryInfo, type ServerId } from "./info";

/**
 * Makes the stanza in every repository that lacks it, and upgrades it for a newer major. Otherwise it changes nothing.
 *
 * @returns the numbers of the repositories that got it now
 * @throws Error with a sentence where a repository has backups of another server, or cannot be used
 */
export async function ensureStanza(
  place: StepPlace,
  stanza: StepStanza,
  server: ServerId,
): Promise<number[]> {
  const printed = await pgBackRest(place, stanza.name, ["info", "--output=json"]);
  if (printed.code !== 0) throw new Error(unusable(stanza, printed));
  const { repositories } = readInfo(printed.stdout, stanza.name);
  const found = new Map(repositories.map((one) => [one.number, one]));
  const plan = stanza.repositories.map(({ number, location }) => ({
    number,
    location,
    does: whatToDo(found.get(number), server),
  }));
  const strange = plan.find(({ does }) => does === "refuse");
  if (strange)
    throw new Error(otherServer(stanza.name, strange, found.get(strange.number), server));
  const of = (wanted: Doing) =>
    plan.filter(({ does }) => does === wanted).map(({ number }) => number);
  // It fails for a repository that cannot be read, with the reason. The others have the stanza by then.
  if (of("create").length + of("try").length > 0) await must(place, stanza, "stanza-create");
  if (of("upgrade").length > 0) await must(place, stanza, "stanza-upgrade");
  return of("create");
}

type Doing = "nothing" | "create" | "upgrade" | "refuse" | "try";

/** What a repository needs for this server. */
export function whatToDo(found: RepositoryInfo | undefined, server: ServerId): Doing {
  if (!found || found.state === "missing") return "create";
  if (found.state === "unreadable") return "try";
  const known = found.server;
  if (!known) return "create";
  if (known.system === server.system)
    return known.version === server.version ? "nothing" : "upgrade";
  // pg_upgrade makes a new cluster, with an identifier of its own.
  return known.version < server.version ? "upgrade" : "refuse";
}

function otherServer(
  stanza: string,
  { number, location }: { number: number; location: string },
  found: RepositoryInfo | undefined,
  { system }: ServerId,
): string {
  return (
    `Repository ${number} (${location}) has the stanza "${stanza}" of another server: its system identifier is ` +
    `${found?.server?.system}, that of this primary is ${system}. Nothing was archived there. Set ` +
    "laterbase:backups.stanza to another name, or give the repository another place; to go on with the old " +
    "server, restore its backup."
  );
}

async function must(place: StepPlace, stanza: StepStanza, command: string): Promise<void> {
  const said = await pgBackRest(place, stanza.name, [command]);
  if (said.code !== 0) throw new Error(unusable(stanza, said));
}

/** pgBackRest's own line names the repository and what is wrong. */
function unusable({ name, repositories }: StepStanza, { code, stderr }: Said): string {
  const line = stderr.split("\n").find((one) => one.startsWith("ERROR:"));
  const why = visible(
    line?.slice("ERROR:".length).trim() || stderr.trim().split("\n").at(-1) || "",
  );
  const places = repositories.map(({ number, location }) => `${number}: ${location}`).join("; ");
  return `The stanza "${name}" cannot be used (pgBackRest ended with ${code}): ${why}. Repositories: ${places}.`;
}

function pgBackRest(place: StepPlace, stanza: string, words: readonly string[]): Promise<Said> {
  const command = [
    "pgbackrest",
    `--stanza=${stanza}`,
    "--log-level-console=off",
    "--log-level-stderr=error",
  ];
  const line = [...command, "--log-level-file=off", ...words].map(shellQuote).join(" ");
  // A standby that is frozen would hold the command for ever.
  const session = `${sessionShell("PGOPTIONS", { superuser: false })}export PGOPTIONS PGCONNECT_TIMEOUT=5\n`;
  return runStep(place, `${session}exec ${line} </dev/null\n`, "apply");
}
