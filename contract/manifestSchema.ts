import { z } from "zod";
import { type Manifest, valueSettings } from "./manifest";

/** PostgreSQL's text holds no zero byte. */
const text = z
  .string({ error: "must be a text" })
  .refine((value) => !value.includes("\0"), "must be a text without a zero byte");
const named = text.refine((value) => value !== "", "must be a name, and not an empty text");
const flag = z.boolean({ error: "must be true or false" });
const pattern = (regex: RegExp, expected: string) =>
  z.string({ error: expected }).regex(regex, expected);
const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words, { error: `must be ${words.map((word) => `"${word}"`).join(" or ")}` });

const from = (least: number, most: number = Number.MAX_SAFE_INTEGER) => {
  const error = `must be a whole number from ${least} up`;
  return z.int({ error }).min(least, error).max(most, error);
};
const moment = z.iso.datetime({ error: "must be a time in UTC, such as 2026-11-21T03:00:00.000Z" });
const sum = pattern(/^-?\d{1,1000}$/, "must be a sum in digits");
const listOf = <Item extends z.ZodType>(item: Item) => z.array(item, { error: "must be a list" });
const object = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.object(shape, { error: "must be an object" });

const privilege = object({
  grantee: named,
  grantor: named,
  privilege: oneOf(["CONNECT", "CREATE", "TEMPORARY"]),
  grantable: flag,
});

/** A setting's name. PostgreSQL allows every letter, mark and sign of another script, and before 14 also spaces. */
const settingName = pattern(
  /^[^"'=;\p{Cc}]+$/u,
  "must be the name of a setting, such as work_mem or app.tenant",
);

const database = object({
  name: named,
  owner: named,
  encoding: pattern(/^\w{1,63}$/, 'must be an encoding, such as "UTF8"'),
  collate: text,
  ctype: text,
  localeProvider: oneOf(["b", "c", "i"]),
  locale: text.nullable(),
  icuRules: text.nullable().exactOptional(),
  collationVersion: text.nullable().exactOptional(),
  tablespace: named.exactOptional(),
  isTemplate: flag.exactOptional(),
  securityLabels: listOf(object({ provider: named, label: text })).exactOptional(),
  comment: text.nullable(),
  publicSchema: object({ owner: named, comment: text.nullable() }).nullable().exactOptional(),
  connectionLimit: from(-1, 2 ** 31 - 1),
  privileges: listOf(privilege).nullable(),
  settings: listOf(object({ role: named.nullable(), name: settingName, value: text })),
  valueSettings: z
    .partialRecord(z.enum(valueSettings), text, { error: "must be an object" })
    .exactOptional(),
});

/** A name that leads to no other folder. It may begin with a hyphen, as a database's name may. */
const fileName = text.refine(
  // eslint-disable-next-line no-control-regex
  (name) => !/^\.{0,2}$|[/\x00-\x1f\x7f]/.test(name),
  "must be the name of a file in the dump's own folder",
);

const file = object({
  kind: oneOf(["dump", "globals", "plain"]),
  name: fileName,
  bytes: from(0),
  sha256: pattern(/^[0-9a-f]{64}$/, "must be a SHA-256 in 64 lower-case hexadecimal digits"),
});

const table = object({
  schema: named,
  name: named,
  rows: from(0),
  checksum: sum.nullable(),
  algorithm: oneOf(["record", "text", "copy", "bytes"]),
});

/** A 64-bit integer. */
const whole = pattern(/^-?\d{1,19}$/, "must be a whole number in digits");
const sequence = object({ schema: named, name: named, value: whole, called: flag });
const omission = object({ what: text, why: text });

const lsn = pattern(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/, 'must be an LSN, such as "0/3000148"');

/** Keys that it does not know are left out: a later version may write more. */
const manifest = object({
  format: z.literal(1, { error: "must be 1: another version of Laterbase wrote this manifest" }),
  stack: named,
  takenAt: moment,
  number: from(1).exactOptional(),
  databaseBytes: from(0).exactOptional(),
  database,
  source: object({
    server: oneOf(["primary", "standby"]),
    version: pattern(/^\d{1,3}[\w.]{0,20}$/, 'must be a version, such as "17.6"'),
    systemIdentifier: pattern(/^\d{0,20}$/, "must be a number in digits"),
    replayedTo: lsn.exactOptional(),
    replayedAt: moment.exactOptional(),
    insteadOf: text.exactOptional(),
  }),
  role: object({ name: named, superuser: flag, why: text.exactOptional() }),
  tool: text,
  files: listOf(file).refine(
    (files) => files.filter(({ kind }) => kind === "dump").length === 1,
    'must name one file of the kind "dump"',
  ),
  tables: listOf(table),
  materializedViews: listOf(table).exactOptional(),
  sequences: listOf(sequence).exactOptional(),
  largeObjects: object({ count: from(0), checksum: sum }),
  fromArchive: z.literal(true, { error: "must be true" }).exactOptional(),
  leftOut: listOf(omission),
  databasesLeftOut: listOf(omission).exactOptional(),
}) satisfies z.ZodType<Manifest>;

/**
 * Checks what a file holds before anything uses it: who can write into the folder of the dumps can
 * write any manifest.
 *
 * @returns the manifest, or what is wrong: the first key, and what is expected there
 */
export function parseManifest(content: string): Manifest | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return { problem: "it is not JSON" };
  }
  const parsed = manifest.safeParse(value);
  if (parsed.success) return withPublic(parsed.data);
  const [issue] = parsed.error.issues;
  const key = keyOf(issue?.path ?? []);
  return { problem: `${key} ${issue?.message ?? "is wrong"}` };
}

/** Older versions wrote "PUBLIC" for everybody. Those that list sequences write "public". */
function withPublic(manifest: Manifest): Manifest {
  const { database, sequences } = manifest;
  if (sequences || !database.privileges) return manifest;
  const privileges = database.privileges.map((privilege) =>
    privilege.grantee === "PUBLIC" ? { ...privilege, grantee: "public" } : privilege,
  );
  return { ...manifest, database: { ...database, privileges } };
}

function keyOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return "its content";
  return path
    .map((part, index) =>
      typeof part === "number" ? `[${part}]` : `${index ? "." : ""}${String(part)}`,
    )
    .join("");
}
