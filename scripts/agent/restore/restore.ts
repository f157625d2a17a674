import { join } from "node:path";
import { type Client, escapeIdentifier as name } from "pg";
import type { Command, Context } from "../kit/context";
import { Failure, sentenceOf } from "../kit/failure";
import { inspect } from "./archive";
import { whileReading } from "../dump/reading";
import { readRestoreArgs, type RestoreArgs } from "./args";
import { checkFiles, findDump, type FoundDump } from "./findDump";
import { Login } from "./login";
import { makeDatabase } from "./newDatabase";
import { checkNames, checkNeeds, type Plan, planRestore } from "./plan";
import { replace } from "./takeName";
import { checkServer, createRoles, dropRoles, leftovers, maintenance } from "./server";
import type { Restored } from "../../../contract/agentReplies";

export { verifyDump } from "./verify";

/** `restore-dump`: into a database of a new name, or with `inPlace` under the name that is taken. */
export const restoreDump: Command = async (args, context, say, signal): Promise<Restored> => {
  const begun = Date.now();
  const wanted = readRestoreArgs(args);
  const dump = await findDump(context, wanted.dump);
  return whileReading(context, dump.id, async () => {
    say(`checking ${dump.id}`);
    await checkFiles(dump, [dump.archive], signal);
    const login = new Login(context, wanted.superuser);
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

interface Work {
  context: Context;
  wanted: RestoreArgs;
  dump: FoundDump;
  login: Login;
  say: (progress: string) => void;
  signal: AbortSignal;
}

async function restore(work: Work, at: Date): Promise<Omit<Restored, "seconds">> {
  const { context, wanted, dump, login, say, signal } = work;
  const { manifest } = dump;
  const plan = planRestore(wanted, manifest.database.name, at);
  const client = await maintenance(login, plan.swap?.target ?? plan.fresh);
  const major = parseInt(manifest.source.version, 10);
  await checkServer(client, major);
  await checkNames(client, plan);
  const file = join(dump.folder, dump.archive.name);
  const { entries, needs } = await inspect(file, login.folder, signal);
  const lacking = await checkNeeds(client, needs, manifest.database, wanted);
  const notes = lacking.tablespaces.map(
    (space) => `The tablespace "${space}" is not on this server: everything is in the default one.`,
  );
  notes.push(...(await leftovers(client, context.config.stack)));

  const made: { database?: string } = {};
  try {
    await createRoles(client, lacking.roles);
    const filled = await makeDatabase(
      {
        ...{ login, client, manifest, file, entries, major, stack: context.config.stack },
        ...{ id: dump.id, database: plan.fresh, keepDifferent: wanted.keepDifferent },
        withoutTablespaces: lacking.tablespaces.length > 0,
        analyze: plan.swap !== undefined,
        onCreated: () => (made.database = plan.fresh),
      },
      say,
      signal,
    );
    return {
      ...{ dump: dump.id, source: manifest.database.name, takenAt: manifest.takenAt },
      ...filled,
      ...(await takeName(work, client, plan)),
      createdRoles: lacking.roles,
      leftOut: manifest.leftOut,
      notes: [...filled.notes, ...notes],
    };
  } catch (error) {
    throw await cleared(work, plan, made.database, lacking.roles, error);
  }
}

async function takeName({ login, say }: Work, client: Client, { fresh, swap }: Plan) {
  if (!swap) return { database: fresh };
  say(`giving the restored database the name "${swap.target}"`);
  const names = { old: swap.target, kept: swap.kept, fresh };
  const { evicted, seconds } = await replace(login, client, names);
  return { database: swap.target, replaced: { kept: swap.kept, evicted, seconds } };
}

/** Removes what a failed restore has made, and says so with the reason. */
async function cleared(
  { login, signal }: Work,
  { fresh, swap }: Plan,
  database: string | undefined,
  roles: readonly string[],
  error: unknown,
): Promise<unknown> {
  let state = "nothing was made";
  try {
    // The session of the restore may be what broke.
    const client = await maintenance(login, swap?.target ?? fresh);
    if (database !== undefined) {
      await client.query(`DROP DATABASE IF EXISTS ${name(database)} WITH (FORCE)`);
      state = `the half-made database "${database}" was dropped, everything else is as it was`;
    }
    await dropRoles(client, roles);
  } catch (failed) {
    state = `the half-made database "${fresh}" could not be dropped (${sentenceOf(failed)})`;
  }
  // A server's and a system's errors have a code; whatever has none is a bug, and told as one.
  const known = error instanceof Failure || (error as { code?: string }).code !== undefined;
  const lost = /^Connection terminated/.test(sentenceOf(error));
  if (!known && !lost && !signal.aborted) return error;
  const why = signal.aborted ? "The restore was ended early" : sentenceOf(error);
  return new Failure(`${why.replace(/[.;]+$/, "")}; ${state}.`);
}
