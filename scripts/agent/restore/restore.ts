import { join } from "node:path";
import { escapeIdentifier as name } from "pg";
import { elapsed } from "../kit/clock";
import type { Context, Say, Work } from "../kit/context";
import { codeOf, Failure, sentenceOf } from "../kit/failure";
import { needsOf } from "./needs";
import { whileReading } from "../dump/reading";
import { readRestoreArgs, type RestoreArgs } from "./args";
import { checkFiles, checkSigned, type FoundDump } from "./findDump";
import { Login } from "./login";
import { named, putInPlace, takesName } from "./inPlace";
import { NameFirst } from "./nameFirst";
import { keepMissing, notDumped } from "./leftBehind";
import { dumpFor, notesOn } from "./received";
import { makeDatabase } from "./newDatabase";
import { checkNames, checkNeeds, type Plan, planRestore } from "./plan";
import {
  checkServer,
  createRoles,
  dropRoles,
  exists,
  fastSettings,
  leftovers,
  maintenance,
  trustedRoles,
} from "./server";
import { RestoreRole } from "./restoreRole";
import { readToc } from "../dump/toc";
import type { MissingObject, Restored } from "../../../contract/agentReplies";
import { quoted } from "../../../contract/quoting";
import { lookAtRestored, subscriptionNotes } from "./restoredNotes";
import { restoreRoleSettings } from "../../../contract/sessionSettings";
import { settingsForValues } from "./settingsForValues";
import type { DatabaseProperties } from "../../../contract/manifest";

/** `restore-dump`: into a database of a new name, or with `inPlace` under an existing name. */
export const restoreDump: Work = async (args, context, say, signal): Promise<Restored> => {
  const [startedAt, begun] = [new Date(), elapsed()];
  const wanted = readRestoreArgs(args);
  const dump = await dumpFor(context, wanted.dump, signal);
  checkSigned(dump, wanted.acceptUnknown);
  return whileReading(context, dump.id, async () => {
    say(`checking ${dump.id}`);
    await checkFiles(dump, [dump.archive], signal);
    const login = new Login(context, wanted.superuser, true);
    try {
      const work = { context, wanted, dump, login, say, signal };
      const restored = await restore(work, startedAt);
      const seconds = (elapsed() - begun) / 1000;
      context.log(`restored ${dump.id} as ${quoted(restored.database)} in ${seconds.toFixed(1)} s`);
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
  const entries = readToc(file);
  const lacking = await checkNeeds(client, needsOf(entries), manifest.database, wanted);
  const notes = lacking.tablespaces.map(
    (space) =>
      `The tablespace ${quoted(space)} is not on this server: everything is in the default one.`,
  );
  const left = await leftovers(client, context.config.stack);

  const made: MadeSoFar = {};
  if (plan.inPlace && wanted.nameFirst) {
    const { target, kept } = plan.inPlace;
    made.first = new NameFirst(login, { old: target, kept, fresh: plan.fresh });
  }
  try {
    await createRoles(client, lacking.roles);
    const [trusted, settings] = [await trustedRoles(client), await fastSettings(client)];
    const { values, always, refused } = await settingsForValues(client, manifest.database);
    notes.push(...refused);
    login.state(always);
    if (entries.some(({ owner }) => owner !== "" && !trusted.includes(owner))) {
      const connect = (database: string) => login.connect(database);
      const own = [...restoreRoleSettings(server), ...settings.superuser];
      made.role = await RestoreRole.create(context, client, server, connect, own);
      made.role.login.state(always);
    }
    const filled = await makeDatabase(
      {
        ...{ login, client, manifest, file, entries, stack: context.config.stack },
        ...{ major: server, dumpMajor: major },
        ...{ id: dump.id, database: plan.fresh, keepDifferent: wanted.keepDifferent },
        strict: wanted.strict,
        ...{ trusted, settings, values, ...(made.role ? { role: made.role } : {}) },
        withoutTablespaces: lacking.tablespaces.length > 0,
        ...tablespaceOf(manifest.database, lacking.tablespaces),
        analyze: plan.inPlace !== undefined,
        onCreated: () => (made.database = plan.fresh),
        ...(made.first ? { nameFirst: takesName(work, client, plan, made.first) } : {}),
        onFilled: (missing) => named(client, plan, made.first, complete(work, missing.objects())),
      },
      say,
      signal,
    );
    const missing = await keepMissing(work, plan, filled.missing, at);
    const put = await putInPlace(work, client, plan, made.first, complete(work, missing.missing));
    notes.push(...(await notDumped(work, client, put)));
    const { database, replaced } = put;
    const look = await lookAtRestored(client, { manifest, database, kept: replaced?.kept });
    return {
      ...{ dump: dump.id, source: manifest.database.name, takenAt: manifest.takenAt },
      ...{ ...filled, ...missing, ...put, ...look },
      createdRoles: lacking.roles,
      leftovers: left,
      primary: { host: context.config.primary.host, port: context.config.primary.port },
      omissions: manifest.leftOut,
      notes: [
        ...[...filled.notes, ...look.notes, ...notes, ...notesOn(dump, server)],
        ...subscriptionNotes(entries),
      ],
    };
  } catch (error) {
    throw await cleared(work, plan, made, lacking.roles, error);
  }
}

/** A lacking one is not used, and neither is the default one's name: older manifests name none. */
function tablespaceOf({ tablespace }: DatabaseProperties, lacking: readonly string[]) {
  return tablespace === undefined || lacking.includes(tablespace) ? {} : { tablespace };
}

/** Whether the new database may replace another one. */
function complete({ wanted }: Restore, missing: readonly MissingObject[]): boolean {
  return missing.length === 0 || wanted.acceptMissing;
}

/** What a failure has to remove or undo. */
interface MadeSoFar {
  database?: string;
  role?: RestoreRole;
  first?: NameFirst;
}

/** Removes what a failed restore made. Returns the reason with what became of it. */
async function cleared(
  { login, signal }: Restore,
  { fresh, inPlace }: Plan,
  { database, role, first }: MadeSoFar,
  roles: readonly string[],
  error: unknown,
): Promise<unknown> {
  let state = "nothing was made";
  try {
    // The restore's own session may be what broke.
    const client = await maintenance(login, inPlace?.target ?? fresh);
    await first?.undo(client);
    if (database !== undefined) {
      if (await exists(client, database)) {
        await client.query(`ALTER DATABASE ${name(database)} IS_TEMPLATE false`);
      }
      await client.query(`DROP DATABASE IF EXISTS ${name(database)} WITH (FORCE)`);
      state = `the half-made database ${quoted(database)} was dropped, everything else is as it was`;
    }
    await role?.remove((other) => login.connect(other), client);
    await dropRoles(client, roles);
  } catch (failed) {
    state = `the half-made database ${quoted((first?.taken && inPlace?.target) || fresh)} could not be dropped (${sentenceOf(failed)})`;
    if (first?.taken) state += `, and the old database is still ${quoted(inPlace?.kept ?? "")}`;
  }
  // Errors of a server or of the system have a code. One without is a bug, and is logged as one.
  const known = error instanceof Failure || codeOf(error) !== undefined;
  if (!known && !signal.aborted) return error;
  const why = signal.aborted ? "The restore was ended early" : sentenceOf(error);
  return new Failure(`${why.replace(/[.;]+$/, "")}; ${state}.`);
}
