import { escapeLiteral as literal } from "pg";
import type { HealthConfig, WantedRole } from "../../../../contract/health/config";
import { serverBytes } from "../../../../contract/health/figures";

/** What the monitor's role sees of what `up` made on the primary. No password, and no line of pg_hba.conf. */
export interface SeenSettings {
  /** max_slot_wal_keep_size in bytes; negative: there is no limit. */
  slotRetention: number;
  /** By the names of the roles that the stack wants. */
  roles: Record<string, SeenRole>;
  /** The parameters that have another value in a file than the running server. */
  waiting: string[];
  /** Those of the stack that ALTER SYSTEM has set. */
  overruled: string[];
}

export interface SeenRole {
  isThere: boolean;
  /** Whether it has the attributes that it was given. Null: it is not there. */
  sound: boolean | null;
  /** The roles whose rights it was given and does not have, and the settings. */
  lacks: string[];
  unset: string[];
  /** Who owns the database that it should own. Null: nobody, because it is not there. */
  owner: string | null;
  /** Whether everybody may connect to that database. */
  open: boolean;
}

type Wanted = Pick<
  HealthConfig,
  "managed" | "slotRetention" | "standbys" | "roles" | "settings" | "ownSettings"
>;

/**
 * One question. It takes no secret: pg_roles shows no password. A role without the rights of pg_read_all_settings sees no
 * `sourcefile`, and the question ends well.
 */
export function driftSql({ roles, settings: names }: Pick<Wanted, "roles" | "settings">): string {
  const asked = roles.map(({ settings, ...role }) => ({
    ...role,
    settings: Object.entries(settings).map(([name, value]) => `${name}=${value}`),
  }));
  return `json_build_object(
    'slotRetention', pg_size_bytes(current_setting('max_slot_wal_keep_size')),
    'overruled', (SELECT coalesce(json_agg(name ORDER BY name), '[]') FROM pg_settings
      WHERE lower(name) = ANY (ARRAY[${names.map(literal).join(", ")}]::text[])
        AND sourcefile LIKE '%/postgresql.auto.conf'),
    'waiting', (SELECT coalesce(json_agg(name ORDER BY name), '[]') FROM pg_settings WHERE pending_restart),
    'roles', (SELECT coalesce(json_object_agg(w.name, json_build_object(
        'isThere', r.oid IS NOT NULL,
        'sound', r.rolcanlogin AND r.rolinherit AND r.rolreplication = w.replicates AND r.rolbypassrls = w."bypassesPolicies"
          AND NOT (r.rolsuper OR r.rolcreaterole OR r.rolcreatedb)
          AND r.rolconnlimit = coalesce(w.connections, r.rolconnlimit) AND coalesce(r.rolvaliduntil = 'infinity', true),
        'lacks', (SELECT coalesce(json_agg(m.rolname ORDER BY m.rolname), '[]') FROM pg_roles m
          WHERE m.rolname::text = ANY (w.memberships) AND NOT pg_has_role(r.oid, m.oid, 'USAGE')),
        'unset', (SELECT coalesce(json_agg(split_part(s, '=', 1) ORDER BY s), '[]') FROM unnest(w.settings) s
          WHERE s <> ALL (coalesce(r.rolconfig, '{}'))),
        'owner', (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = w.database),
        'open', EXISTS (SELECT FROM pg_database d, aclexplode(coalesce(datacl, acldefault('d', datdba))) x
          WHERE datname = w.database AND x.grantee = 0 AND x.privilege_type = 'CONNECT'))), '{}')
      FROM json_to_recordset(${literal(JSON.stringify(asked))}) AS w (name text, replicates boolean,
        "bypassesPolicies" boolean, connections int, memberships text[], settings text[], database text)
      LEFT JOIN pg_roles r ON r.rolname::text = w.name))`;
}

/** Those of these databases that the server does not have. */
export const lackingSql = (databases: readonly string[]): string =>
  `(SELECT coalesce(json_agg(name ORDER BY name), '[]') FROM unnest(ARRAY[${databases.map(literal).join(", ")}]::text[]) AS wanted (name)
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname::text = name))`;

/** What is not as the stack wants it and `up` repairs, a sentence each. That slots are missing says a check of their own. */
export function driftOf(
  { slotRetention, roles, overruled, waiting }: SeenSettings,
  wanted: Wanted,
): string[] {
  // A change of the stack's own comes with a restart, so nothing of it waits.
  const stacks = waiting.filter((name) => wanted.settings.includes(name.toLowerCase()));
  const others = [...new Set([...overruled, ...stacks])].sort();
  return [
    ...(wanted.standbys.length > 0 ? slotDrift(slotRetention, wanted.slotRetention) : []),
    ...(others.length > 0
      ? [`ALTER SYSTEM overrules the stack's values of ${others.join(", ")}.`]
      : []),
    ...wanted.roles.flatMap((role) => roleDrift(role, roles[role.name])),
  ];
}

/** What a restart puts in force. The parameters of an external primary are its owner's. */
export function waitingOf(
  seen: Pick<SeenSettings, "waiting">,
  { managed, settings, ownSettings }: Pick<Wanted, "managed" | "settings" | "ownSettings">,
): { waiting: string[]; changedOwn: string[] } {
  const all = managed ? seen.waiting : [];
  const others = all.filter((name) => !settings.includes(name.toLowerCase()));
  return {
    waiting: others.filter((name) => !ownSettings.includes(name.toLowerCase())),
    // Their names are ours, and not what a server says.
    changedOwn: ownSettings.filter((own) => others.some((name) => name.toLowerCase() === own)),
  };
}

function slotDrift(seen: number, size: string): string[] {
  const bytes = bytesOf(size);
  // `up` itself sets a larger one where a slot holds more already, or another stack needs it.
  if (bytes === undefined || seen >= bytes) return [];
  const wants = `and the stack wants ${size}`;
  return [
    seen < 0
      ? `max_slot_wal_keep_size is without a limit, ${wants}: a standby that is away can fill the primary's disk.`
      : `max_slot_wal_keep_size is ${serverBytes(seen)}, ${wants}: a standby that is away is lost sooner than was meant.`,
  ];
}

function roleDrift({ name, purpose, database }: WantedRole, seen: SeenRole | undefined): string[] {
  if (!seen) return [];
  const role = `The role "${name}", ${purpose},`;
  if (!seen.isThere) return [`${role} is gone.`];
  const found: string[] = [];
  if (!seen.sound) found.push(`${role} has other attributes than it was given.`);
  if (seen.lacks.length > 0) found.push(`${role} lacks the rights of ${seen.lacks.join(", ")}.`);
  if (seen.unset.length > 0) found.push(`${role} lost its setting ${seen.unset.join(", ")}.`);
  if (database === undefined) return found;
  if (seen.owner === null) found.push(`The database "${database}" is gone.`);
  else if (seen.owner !== name)
    found.push(`The database "${database}" belongs to "${seen.owner}" instead of "${name}".`);
  if (seen.open) found.push(`Everybody may connect to the database "${database}".`);
  return found;
}

/** The bytes of a size such as `10GB`. */
export function bytesOf(size: string): number | undefined {
  const [, number, unit] = /^([0-9]+)(MB|GB|TB)$/.exec(size) ?? [];
  if (number === undefined) return undefined;
  return Number(number) * 1024 ** { MB: 2, GB: 3, TB: 4 }[unit as "MB" | "GB" | "TB"];
}
