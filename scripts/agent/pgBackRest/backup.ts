import type { BackupResult, MadeBackup } from "../../../contract/backupRecord";
import type { BackupType, RepositorySettings } from "../../../contract/pgBackRest";
import { visible } from "../../../contract/visible";
import { elapsed } from "../kit/clock";
import type { Context, Say } from "../kit/context";
import { Failure, sentenceOf, stackOf, withStop } from "../kit/failure";
import { amount, duration } from "../kit/figures";
import { failureOf, type Ran } from "./command";
import { exitCode } from "../../../contract/pgBackRestExits";
import { expireIn } from "./expire";
import { ensureStanza, lacksStanza } from "./ensureStanza";
import { type Backup, readInfo, type StanzaInfo } from "./info";
import { lookAt } from "./look";
import { type Manifest, readManifest } from "./manifest";
import { Progress } from "./progress";
import { whyNoServer } from "./servers";
import { attemptsOf, type BackupStandby, whyPrimary } from "./standbyFirst";
import { withLock } from "./stanza";
import { backupSettings } from "./settings";
import { vanishedSentence, withDependents } from "./vanished";

/** One backup in one repository. */
export interface BackupTask {
  type: BackupType;
  repository: RepositorySettings;
  say: Say;
  signal: AbortSignal;
}

/** Makes a backup in one repository. A failure is a result: the other repositories have their turn. */
export async function backupIn(context: Context, task: BackupTask): Promise<BackupResult> {
  const { repository, say } = task;
  const began = elapsed();
  const ended = { code: undefined as number | undefined };
  const result = (rest: Pick<BackupResult, "result" | "detail" | "backup">): BackupResult => ({
    repository: repository.number,
    seconds: Math.round((elapsed() - began) / 100) / 10,
    ...rest,
    ...(rest.result === "failed" && ended.code !== undefined ? { code: ended.code } : {}),
  });
  const prefixed: Say = (progress) => say(`repository ${repository.number}: ${progress}`);
  try {
    const { made, remarks, lost } = await make(context, { ...task, say: prefixed }, (code) => {
      ended.code = code;
    });
    const seconds = (elapsed() - began) / 1000;
    const detail = [...(lost ? [lost] : []), summary(made, seconds), ...remarks].join(" ");
    prefixed(detail);
    return result({ result: lost ? "failed" : "success", detail, backup: made });
  } catch (error) {
    if (!(error instanceof Failure) && !task.signal.aborted) context.log(stackOf(error));
    if (task.signal.aborted) ended.code = exitCode.stopped;
    const detail = withStop(sentenceOf(error));
    prefixed(`failed: ${detail}`);
    return result({ result: "failed", detail });
  }
}

async function make(
  context: Context,
  task: BackupTask,
  ended: (code: number) => void,
): Promise<{ made: MadeBackup; remarks: string[]; lost: string | undefined }> {
  const { type, repository, signal } = task;
  const { number } = repository;
  const before = await infoWithStanza(context, repository, signal);
  const { ran, why } = await tryServers(context, task);
  if (ran.code !== 0) {
    ended(ran.code);
    throw await failureIn(context, ran);
  }
  const known = new Set(before.backups.map(({ label }) => label));
  const { backups } = await readInfo(context, number, { signal });
  const lost = lostIn(before.backups, backups);
  const newest = backups.findLast(({ label }) => !known.has(label));
  if (!newest) throw new Failure("pgBackRest says that it made a backup, and does not list it.");
  const manifest = await manifestOf(context, number, newest, signal);
  const expired = await expireIn(context, repository, { say: task.say, signal }).catch(
    (error: unknown) => ({
      remarks: [`Old backups could not be removed: ${withStop(sentenceOf(error))}`],
    }),
  );
  const remarks = [
    ...(newest.type === type ? [] : [becameFull(type)]),
    ...(manifest.source === "primary" && attemptsOf(context).length > 1
      ? [why ?? notTheStandby(ran)]
      : []),
    ...(manifest.pageErrors
      ? ["It holds pages whose checksum is wrong: look at the server's log."]
      : []),
    ...expired.remarks,
  ];
  return { made: madeOf(newest, manifest), remarks, lost };
}

/** pgBackRest's backup takes those off the list whose files it does not find, with what depends on them. */
function lostIn(before: readonly Backup[], after: readonly Backup[]): string | undefined {
  const left = new Set(after.map(({ label }) => label));
  const lost = before.map(({ label }) => label).filter((label) => !left.has(label));
  const gone = before.filter(
    ({ label, prior }) => lost.includes(label) && !lost.includes(prior ?? ""),
  );
  return vanishedSentence(
    withDependents(
      before,
      gone.map(({ label }) => label),
    ),
  );
}

/** What is known of a manifest. Without it, nobody knows the server. */
type KnownManifest = Pick<Manifest, "pageErrors"> & Partial<Manifest>;

/** The backup is made, so a manifest that cannot be read does not make it fail. */
async function manifestOf(
  context: Context,
  number: number,
  { label, pageErrors }: Backup,
  signal: AbortSignal,
): Promise<KnownManifest> {
  return readManifest(context, number, label, signal).catch((error: unknown) => {
    const why = withStop(sentenceOf(error));
    context.log(`repository ${number}: the manifest of ${label} cannot be read: ${why}`);
    return { pageErrors: pageErrors === true };
  });
}

/** What there is before the backup. A repository that was added or emptied gets the stanza. */
async function infoWithStanza(
  context: Context,
  repository: RepositorySettings,
  signal: AbortSignal,
): Promise<StanzaInfo> {
  const info = await readInfo(context, repository.number, { signal });
  if (!lacksStanza({ info })) return info;
  const looks = await Promise.all(
    backupSettings(context).repositories.map((one) => lookAt(context, one, { signal })),
  );
  await ensureStanza(context, looks, { signal });
  return readInfo(context, repository.number, { signal });
}

/** With `prefer`, pgBackRest only warns. */
const notTheStandby = ({ error }: Ran) =>
  `The standby could not be used.${error === undefined ? "" : ` pgBackRest says: ${withStop(visible(error))}`}`;

const becameFull = (type: BackupType) =>
  `There was no full backup for ${type === "diff" ? "a diff" : "an incr"} to stand on, so it became a full one.`;

/** Tries the standby first where it can be read, and then the primary. */
async function tryServers(
  context: Context,
  { type, repository, say, signal }: BackupTask,
): Promise<{ ran: Ran; why?: string }> {
  const run = async (standby: BackupStandby) => {
    const progress = new Progress(say);
    const words = ["backup", `--repo=${repository.number}`, `--type=${type}`, ...option(standby)];
    const onLine = (line: string) => progress.take(line);
    return withLock(context, [...words, "--no-expire-auto"], { onLine, say, signal });
  };
  const attempts = attemptsOf(context);
  say(`${type} backup of the ${attempts.length > 1 ? "standby" : "primary"}`);
  let ran: Ran = { code: 0, stdout: "" };
  let why: string | undefined;
  for (const [place, standby] of attempts.entries()) {
    ran = await run(standby);
    if (ran.code === 0 || place === attempts.length - 1) break;
    why = await whyPrimary(context, ran);
    if (why === undefined) break;
    say(`${why} The primary is read instead.`);
  }
  return { ran, ...(why === undefined ? {} : { why }) };
}

/** Before 2.54 the option is a yes or no, which takes no value on the command line. */
function option(standby: BackupStandby): string[] {
  if (standby === "n") return ["--no-backup-standby"];
  return standby === "y" ? ["--backup-standby"] : ["--backup-standby=prefer"];
}

async function failureIn(context: Context, ran: Ran): Promise<Failure> {
  if (ran.code !== exitCode.dbConnect) return failureOf(ran);
  return new Failure(`${(await whyNoServer(context)).sentence} [${ran.code}]`);
}

function madeOf(
  { label, type, bytes, repositoryBytes }: Backup,
  { source, pageErrors }: KnownManifest,
): MadeBackup {
  return {
    ...{ label, type, bytes, repositoryBytes },
    ...(source ? { source } : {}),
    ...(pageErrors ? { pageErrors } : {}),
  };
}

function summary(
  { label, type, source, bytes, repositoryBytes }: MadeBackup,
  seconds: number,
): string {
  return (
    `${label}: ${type}${source ? ` from the ${source}` : ""}, ${amount(bytes)} in the database, ` +
    `${amount(repositoryBytes)} in the repository, ${duration(seconds)}.`
  );
}
