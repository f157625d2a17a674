import { Argument, Option } from "commander";
import type { RestorePointMade } from "../../../contract/agentReplies";
import type { RestorePointRequest } from "../../../contract/agentRequests";
import { quoted } from "../../../contract/quoting";
import type { OperatorCommand } from "../operatorCommand";
import type * as Migrations from "../servers/migration";
import type { Ended, Migration } from "../servers/migration";
import type { MigrateResult } from "../results";
import type { Session } from "../session";
import { type KnownOutputs, type Located, upCommand } from "../stack/outputs";
import type * as Configs from "../stack/config";
import { stackFileOf } from "../stack/stackFile";
import { CliError } from "../terminal/cliError";
import { word } from "../terminal/format";

export const migrate: OperatorCommand = {
  name: "migrate",
  description: "run an application's migrations as its role, with a restore point before them",
  arguments: [new Argument("<application>", "a name in laterbase:applications")],
  options: [
    new Option("--no-restore-point", "make no restore point: nothing brings this moment back"),
  ],
  example: "migrate jarvis",
  documented: "docs/migrations.md",
  exits: {
    1: "it failed: the sentence on standard error says why; any other code is the program's own",
    4: "it was refused before the program began; nothing was changed",
  },
  run: migrateApplication,
};

/** An application that has migrations. */
export interface Migrated {
  name: string;
  database: string;
  command: readonly string[];
  /** The folder on this machine. */
  directory?: string | undefined;
  /** The container on the stack's engine. */
  container?: string | undefined;
}

async function migrateApplication(
  session: Session,
  typed: string,
  { restorePoint = true }: { restorePoint?: boolean },
): Promise<void> {
  const { stack, terminal } = session;
  /* eslint-disable @typescript-eslint/no-require-imports -- loaded late, in CommonJS: schemas and Docker's client */
  const { checkedConfig, rawConfig } = require("../stack/config") as typeof Configs;
  const migrations = require("../servers/migration") as typeof Migrations;
  /* eslint-enable @typescript-eslint/no-require-imports */
  const config = checkedConfig(await rawConfig(stack), stackFileOf(stack));
  const application = applicationNamed(typed, config.applications);
  const key = `laterbase:applications.${application.name}.migrate`;
  const outputs = await session.stackOutputs();
  const uris = connectionOf(session, outputs, application);
  const network = outputs.primary?.container?.replace(/-primary$/, "") ?? "";
  const run = await prepared(migrations, application, { key, network, host: config.dockerHost });
  session.stopIfInterrupted("nothing was run");
  const point = restorePoint ? await madePoint(session, outputs, application) : undefined;
  if (point !== undefined) {
    terminal.progress(`Restore point ${quoted(point)} is made. Now ${application.name} migrates.`);
  }
  const stays = point === undefined ? "" : `; the restore point ${quoted(point)} stays`;
  session.stopIfInterrupted(`the program was not run${stays}`);
  const say = (line: string) => terminal.progress(line);
  const stdout = session.json ? process.stderr : process.stdout;
  const { command } = application;
  const ended = await run({ command, databaseUrl: uris, stdout, say });
  const result: MigrateResult = {
    application: application.name,
    exitCode: ended.code,
    ...(ended.signal ? { signal: ended.signal } : {}),
    ...(point === undefined ? {} : { restorePoint: point }),
  };
  const sentence = howItEnded(application, ended);
  const back = wayBack(session, application, point);
  if (ended.code === 0) return session.show(result, () => `${sentence}\n${back}`);
  if (session.json) session.show(result, () => "");
  throw new CliError(`${sentence} ${back}`, ended.code);
}

/** What can run a migration, after every look that needs no restore point. */
async function prepared(
  { folderOf, migrateHere, containerFor, migrateIn }: typeof Migrations,
  { directory, container }: Migrated,
  { key, network, host }: { key: string; network: string; host: string | undefined },
): Promise<(migration: Migration) => Promise<Ended>> {
  if (directory !== undefined) {
    const folder = folderOf(directory, `${key}.directory`);
    return (migration) => migrateHere(folder, migration);
  }
  const place: Located = { name: container!, ...(host ? { host } : {}) };
  await containerFor(place, network, `${key}.container`);
  return (migration) => migrateIn(place, migration);
}

type Applications = Readonly<
  Record<string, { database: string; migrate?: Omit<Migrated, "name" | "database"> | undefined }>
>;

/** @throws CliError for an application that there is not, or that has no migrations */
export function applicationNamed(typed: string, applications: Applications = {}): Migrated {
  const names = Object.keys(applications);
  const found = Object.hasOwn(applications, typed) ? applications[typed] : undefined;
  if (!found) {
    const known =
      names.length > 0
        ? `choose from ${names.join(", ")}`
        : "laterbase:applications has none in the stack file";
    throw new CliError(`There is no application "${typed}": ${known}.`, 2);
  }
  if (found.migrate) return { name: typed, database: found.database, ...found.migrate };
  throw new CliError(
    `laterbase:applications.${typed}.migrate is not set, so nobody knows how ${typed} migrates: set it, such as { command: [alembic, upgrade, head], directory: ../${typed} }.`,
    4,
  );
}

/** The direct connection of the application's role: migrations need a session of their own, which no pool gives. */
function connectionOf(
  { stack }: Session,
  { connections = {} }: KnownOutputs,
  { name, database, container }: Migrated,
): string {
  const uris = connections[database];
  const uri = container === undefined ? uris?.direct : uris?.internal?.direct;
  if (uri !== undefined) return uri;
  throw new CliError(
    `The stack ${stack} has no connection of ${name} yet: '${upCommand(stack)}' makes it. Nothing was run.`,
    4,
  );
}

/** @returns the name of a restore point, which at least one repository has; undefined where there are no backups */
async function madePoint(
  session: Session,
  { backups }: KnownOutputs,
  { name }: Migrated,
): Promise<string | undefined> {
  const { terminal } = session;
  if (!backups?.agent || (backups.repositories ?? []).length === 0) {
    terminal.progress("The stack makes no backups, so there is no restore point to go back to.");
    return undefined;
  }
  const request: RestorePointRequest = { name: pointName(name, new Date()) };
  const made = await session.askBackups<RestorePointMade>("restore-point", { ...request });
  const late = made.archived.filter(({ problem }) => problem !== undefined);
  for (const { repository, problem } of late)
    terminal.progress(`Repository ${repository} does not have the restore point yet: ${problem}`);
  if (late.length < made.archived.length) return request.name;
  throw new CliError(
    `No repository has the restore point ${quoted(request.name)} yet, so nothing was run: '${session.command("check")}' says why. With --no-restore-point it runs without one.`,
  );
}

/** The name of the restore point before a migration, in UTC. PostgreSQL takes 63 bytes. */
export function pointName(application: string, now: Date): string {
  const at = now.toISOString().replace(/[-:]|\.\d+/g, "");
  return `before_${application.slice(0, 38)}_${at}`;
}

function howItEnded({ name, command }: Migrated, { code, signal, problem }: Ended): string {
  if (code === 0) return `${name} has migrated.`;
  if (problem !== undefined) return `The migration of ${name} did not run to its end: ${problem}.`;
  const program = word(command[0] ?? "");
  if (signal) return `${signal} ended ${program}, the migration of ${name}.`;
  return `The migration of ${name} failed: ${program} ended with exit code ${code}.`;
}

function wayBack(session: Session, { database }: Migrated, point: string | undefined): string {
  if (point === undefined) return "No restore point was made before it.";
  const restore = `restore --to-name ${word(point)}`;
  return (
    `To go back to the moment before it: '${session.command(`${restore} --in-place`)}', for the whole server; ` +
    `'${session.command(`${restore} --database ${word(database)}`)}' gets a dump of ${word(database)} alone.`
  );
}
