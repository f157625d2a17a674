import { join } from "node:path";
import { type Client, escapeIdentifier as name } from "pg";
import type { Context, Say, Work } from "../kit/context";
import { codeOf, Failure, sentenceOf } from "../kit/failure";
import { inspect } from "./archive";
import { whileReading } from "../dump/reading";
import { readRestoreArgs, type RestoreArgs } from "./args";
import { checkFiles, checkSigned, type FoundDump } from "./findDump";
import { Login } from "./login";
import { dumpFor } from "./received";
import { makeDatabase } from "./newDatabase";
import { checkNames, checkNeeds, type Plan, planRestore } from "./plan";
import { takeName } from "./takeName";
import {
  checkServer,
  createRoles,
  dropRoles,
  fastSettings,
  leftovers,
  maintenance,
  trustedRoles,
} from "./server";
import { RestoreRole } from "./restoreRole";
import { readToc } from "./toc";
import type { Restored } from "../../../contract/agentReplies";

/** `restore-dump`: into a database of a new name, or with `inPlace` under an existing name. */
export const restoreDump: Work = async (args, context, say, signal): Promise<Restored> => {
  const begun = Date.now();
  const wanted = readRestoreArgs(args);
  const dump = await dumpFor(context, wanted.dump, signal);
  checkSigned(dump, wanted.acceptUnknown);
  return whileReading(context, dump.id, async () => {
    say(`checking ${dump.id}`);
    await checkFiles(dump, [dump.archive], signal);
    const login = new Login(context, wanted.superuser, true);
    try {
      const work = { context, wanted, dump, login, say, signal };
      const restored = await restore(work, new Date(begun));
      const seconds = (Date.now() - begun) / 1000;
      context.log(`restored ${dump.id} as "${restored.database}" in ${seconds.toFixed(1)} s`);
      return { ...restored, seconds };
    } finally {
      await login.close();
    }
  });
};

/** A restore under way. */
interface Restore {
  context: Context;
  wanted: RestoreArgs;
  dump: FoundDump;
  login: Login;
  say: Say;
  signal: AbortSignal;
}

async function restore(work: Restore, at: Date): Promise<Omit<Restored, "seconds">> {
  const { context, wanted, dump, login, say, signal } = work;
  const { manifest } = dump;
  const plan = planRestore(wanted, manifest.database.name, at);
  const client = await maintenance(login, plan.inPlace?.target ?? plan.fresh);
  const major = parseInt(manifest.source.version, 10);
  const server = await checkServer(client, major, wanted.newerMajor);
  await checkNames(client, plan);
  const file = join(dump.folder, dump.archive.name);
  const needs = await inspect(file, login.folder, signal);
  const entries = readToc(file);
  const lacking = await checkNeeds(client, needs, manifest.database, wanted);
  const notes = lacking.tablespaces.map(
    (space) => `The tablespace "${space}" is not on this server: everything is in the default one.`,
  );
  notes.push(...(await leftovers(client, context.config.stack)));

  const made: { database?: string; role?: RestoreRole } = {};
  try {
    await createRoles(client, lacking.roles);
    const [trusted, settings] = [await trustedRoles(client), await fastSettings(client)];
    if (entries.some(({ owner }) => owner !== "" && !trusted.includes(owner))) {
      const connect = (database: string) => login.connect(database);
      made.role = await RestoreRole.create(context, client, server, connect, settings.superuser);
    }
    const filled = await makeDatabase(
      {
        ...{ login, client, manifest, file, entries, stack: context.config.stack },
        ...{ major: server, dumpMajor: major },
        ...{ id: dump.id, database: plan.fresh, keepDifferent: wanted.keepDifferent },
        ...{ trusted, settings, ...(made.role ? { role: made.role } : {}) },
        withoutTablespaces: lacking.tablespaces.length > 0,
        analyze: plan.inPlace !== undefined,
        onCreated: () => (made.database = plan.fresh),
      },
      say,
      signal,
    );
    return {
      ...{ dump: dump.id, source: manifest.database.name, takenAt: manifest.takenAt },
      ...filled,
      ...(await putInPlace(work, client, plan)),
      createdRoles: lacking.roles,
      omissions: manifest.leftOut,
      notes: [...filled.notes, ...notes, ...notesOn(dump, server)],
    };
  } catch (error) {
    throw await cleared(work, plan, made, lacking.roles, error);
  }
}

/** What a dump of another place, or of an older major, means for the result. */
function notesOn({ manifest }: FoundDump, server: number): string[] {
  const { fromArchive, source } = manifest;
  const major = parseInt(source.version, 10);
  return [
    ...(fromArchive
      ? [
          "The dump has no manifest, so the rows were compared with the archive itself, and large objects with nothing.",
        ]
      : []),
    ...(server > major
      ? [
          `It was dumped by PostgreSQL ${major} and is on ${server} now: run its application's tests before you use it.`,
        ]
      : []),
  ];
}

/** In place: gives the restored database the name of the existing one. */
async function putInPlace({ login, say }: Restore, client: Client, { fresh, inPlace }: Plan) {
  if (!inPlace) return { database: fresh };
  say(`giving the restored database the name "${inPlace.target}"`);
  const names = { old: inPlace.target, kept: inPlace.kept, fresh };
  const { evicted, seconds } = await takeName(login, client, names);
  return { database: inPlace.target, replaced: { kept: inPlace.kept, evicted, seconds } };
}

/** Removes what a failed restore made. Returns the reason with what became of it. */
async function cleared(
  { login, signal }: Restore,
  { fresh, inPlace }: Plan,
  { database, role }: { database?: string; role?: RestoreRole },
  roles: readonly string[],
  error: unknown,
): Promise<unknown> {
  let state = "nothing was made";
  try {
    // The restore's own session may be what broke.
    const client = await maintenance(login, inPlace?.target ?? fresh);
    if (database !== undefined) {
      await client.query(`DROP DATABASE IF EXISTS ${name(database)} WITH (FORCE)`);
      state = `the half-made database "${database}" was dropped, everything else is as it was`;
    }
    await role?.remove((other) => login.connect(other), client);
    await dropRoles(client, roles);
  } catch (failed) {
    state = `the half-made database "${fresh}" could not be dropped (${sentenceOf(failed)})`;
  }
  // Errors of a server or of the system have a code. One without is a bug, and is logged as one.
  const known = error instanceof Failure || codeOf(error) !== undefined;
  if (!known && !signal.aborted) return error;
  const why = signal.aborted ? "The restore was ended early" : sentenceOf(error);
  return new Failure(`${why.replace(/[.;]+$/, "")}; ${state}.`);
}
