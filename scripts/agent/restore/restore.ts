import { join } from "node:path";
import { type Client, escapeIdentifier as name } from "pg";
import type { Context, Say, Work } from "../kit/context";
import { codeOf, Failure, sentenceOf } from "../kit/failure";
import { inspect } from "./archive";
import { whileReading } from "../dump/reading";
import { readRestoreArgs, type RestoreArgs } from "./args";
import { checkFiles, checkSigned, findDump, type FoundDump } from "./findDump";
import { Login } from "./login";
import { keepSql } from "./missingSql";
import { type Made, makeDatabase } from "./newDatabase";
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
  const dump = await findDump(context, wanted.dump);
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
  await checkServer(client, major);
  await checkNames(client, plan);
  const file = join(dump.folder, dump.archive.name);
  const needs = await inspect(file, login.folder, signal);
  const entries = readToc(file);
  const lacking = await checkNeeds(client, needs, manifest.database, wanted);
  const notes = lacking.tablespaces.map(
    (space) => `The tablespace "${space}" is not on this server: everything is in the default one.`,
  );
  const left = await leftovers(client, context.config.stack);

  const made: { database?: string; role?: RestoreRole } = {};
  try {
    await createRoles(client, lacking.roles);
    const [trusted, settings] = [await trustedRoles(client), await fastSettings(client)];
    if (entries.some(({ owner }) => owner !== "" && !trusted.includes(owner))) {
      const connect = (database: string) => login.connect(database);
      made.role = await RestoreRole.create(context, client, major, connect, settings.superuser);
    }
    const filled = await makeDatabase(
      {
        ...{ login, client, manifest, file, entries, major, stack: context.config.stack },
        ...{ id: dump.id, database: plan.fresh, keepDifferent: wanted.keepDifferent },
        strict: wanted.strict,
        ...{ trusted, settings, ...(made.role ? { role: made.role } : {}) },
        withoutTablespaces: lacking.tablespaces.length > 0,
        analyze: plan.inPlace !== undefined,
        onCreated: () => (made.database = plan.fresh),
      },
      say,
      signal,
    );
    const missing = await keepMissing(work, plan, filled.missing, at);
    const complete = missing.missing.length === 0 || wanted.acceptMissing;
    return {
      ...{ dump: dump.id, source: manifest.database.name, takenAt: manifest.takenAt },
      ...{ ...filled, ...missing },
      ...(await putInPlace(work, client, plan, complete)),
      createdRoles: lacking.roles,
      leftovers: left,
      primary: { host: context.config.primary.host, port: context.config.primary.port },
      omissions: manifest.leftOut,
      notes: [...filled.notes, ...notes],
    };
  } catch (error) {
    throw await cleared(work, plan, made, lacking.roles, error);
  }
}

/** Keeps the SQL of what could not be made beside the dump. */
async function keepMissing(
  { context, dump, login, signal }: Restore,
  { fresh }: Plan,
  { objects, entries }: Made["missing"],
  at: Date,
): Promise<Pick<Restored, "missing" | "missingSql">> {
  if (objects.length === 0) return { missing: [] };
  const archive = join(dump.folder, dump.archive.name);
  const missing = { objects, entries, archive, database: fresh, at, scratch: login.folder };
  const folders = [dump.folder, context.paths.records];
  return { missing: objects, missingSql: await keepSql(missing, folders, signal) };
}

/**
 * In place: gives the restored database the name of the existing one. One that lacks something stays
 * beside it, unless that was accepted.
 */
async function putInPlace(
  { login, say }: Restore,
  client: Client,
  { fresh, inPlace }: Plan,
  complete: boolean,
): Promise<Pick<Restored, "database" | "replaced" | "notReplaced">> {
  if (!inPlace) return { database: fresh };
  if (!complete) return { database: fresh, notReplaced: inPlace.target };
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
