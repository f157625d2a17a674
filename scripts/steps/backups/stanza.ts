import { visible } from "../../../contract/visible";
import type { StepFile, StepRepository, StepStanza } from "../../../contract/pgBackRestStep";
import { shellQuote } from "../../../contract/quoting";
import { sessionShell } from "../../../contract/sessionSettings";
import type { Said } from "../../engine/exec";
import { runStep, type StepPlace } from "../../engine/stepContainer";
import { writingScript } from "../../primary/pgBackRest/files";
import { readInfo, type RepositoryInfo, type ServerId } from "./info";

/** A configuration that is tried before it is written. */
interface Trial {
  /** Where nothing else reads it. */
  place: StepPlace;
  files: readonly StepFile[];
  stanza: StepStanza;
}

/** What was done. */
interface Ensured {
  /** The numbers of the repositories that got the stanza now. */
  made: number[];
  /** A sentence for each repository that cannot be reached. The agent makes the stanza there when it can. */
  away: string[];
}

/**
 * Makes the stanza in every repository that lacks it, and upgrades it for a newer major. Otherwise it changes nothing.
 * A repository that cannot be reached does not keep the others from theirs.
 *
 * @throws Error with a sentence where a repository has backups of another server, or cannot be used
 */
export async function ensureStanza(trial: Trial, server: ServerId): Promise<Ensured> {
  const { stanza } = trial;
  const printed = await pgBackRest(trial, ["info", "--output=json"]);
  if (printed.code !== 0) throw new Error(unusable(stanza, printed));
  const { repositories } = readInfo(printed.stdout, stanza.name);
  const found = new Map(repositories.map((one) => [one.number, one]));
  const plan = stanza.repositories.map((one) => ({
    ...one,
    does: whatToDo(found.get(one.number), server, one.own),
  }));
  const strange = plan.find(({ does }) => does === "refuse");
  if (strange)
    throw new Error(otherServer(stanza.name, strange, found.get(strange.number), server));
  const of = (wanted: Doing) => plan.filter(({ does }) => does === wanted);
  const silent = await unreached(trial, of("try"));
  // Where none can be reached, nothing can be archived: the command below fails, and nothing is changed.
  const away = silent.length < plan.length ? silent : [];
  if (of("create").length + of("try").length > away.length) {
    await must(trial, "stanza-create", away);
  }
  // There is nothing to upgrade in an empty folder, so an upgrade waits for every repository.
  if (of("upgrade").length > 0) await must(trial, "stanza-upgrade", []);
  return {
    made: of("create").map(({ number }) => number),
    away: away.map(
      ({ number, location }) =>
        `Repository ${number} (${location}) cannot be reached now. WAL waits for it, and the agent makes the stanza there.`,
    ),
  };
}

/** HostConnectError: https://github.com/pgbackrest/pgbackrest/blob/main/src/build/error/error.yaml */
const noConnection = 49;

/** Those among them whose server gives no answer. Any other fault is one of the configuration. */
async function unreached(
  trial: Trial,
  repositories: readonly StepRepository[],
): Promise<StepRepository[]> {
  const away: StepRepository[] = [];
  for (const one of repositories) {
    const said = await pgBackRest(trial, [
      `--repo=${one.number}`,
      "repo-ls",
      `archive/${trial.stanza.name}`,
    ]);
    if (said.code === noConnection) away.push(one);
  }
  return away;
}

type Doing = "nothing" | "create" | "upgrade" | "refuse" | "try";

/**
 * What a repository needs for this server.
 *
 * @param own whether no other stack uses its place. An older server there was this stack's, before its upgrade
 */
export function whatToDo(found: RepositoryInfo | undefined, server: ServerId, own: boolean): Doing {
  if (!found || found.state === "missing") return "create";
  if (found.state === "unreadable") return "try";
  const known = found.server;
  if (!known) return "create";
  if (known.system === server.system)
    return known.version === server.version ? "nothing" : "upgrade";
  // A new major is a new cluster, with an identifier of its own.
  return own && known.version < server.version ? "upgrade" : "refuse";
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

/** The command has no --repo, and ends at the first repository without an answer: such a one is an empty folder here. */
async function must(trial: Trial, command: string, away: readonly StepRepository[]): Promise<void> {
  const elsewhere = away.flatMap(({ number }) => [
    `--repo${number}-type=posix`,
    `--repo${number}-path=/tmp/repo${number}`,
  ]);
  const said = await pgBackRest(trial, [command, ...elsewhere]);
  if (said.code !== 0) throw new Error(unusable(trial.stanza, said));
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

/** Runs pgBackRest with a configuration that is tried. */
export function pgBackRest(
  { place, files, stanza }: Trial,
  words: readonly string[],
): Promise<Said> {
  const command = [
    "pgbackrest",
    `--stanza=${stanza.name}`,
    "--log-level-console=off",
    "--log-level-stderr=error",
  ];
  const line = [...command, "--log-level-file=off", ...words].map(shellQuote).join(" ");
  // A standby that is frozen would hold the command for ever.
  const session = `${sessionShell("PGOPTIONS", { superuser: false })}export PGOPTIONS PGCONNECT_TIMEOUT=5\n`;
  return runStep(place, `${writingScript(files)}\n${session}exec ${line} </dev/null\n`, "apply");
}
