import { pgBackRestFeatures } from "../../contract/pgBackRest";
import type { ObjectStoreConfig } from "../objectStore/schema";
import type { PrimaryConfig } from "../primary/schema";
import { megabytes } from "../schema/primitives";
import { repositoryPlaces } from "./places";
import type { RepositoryConfig } from "./repositorySchema";
import type { BackupsConfig } from "./schema";

/** What the rules of backups read of a configuration. */
interface BackupsRulesConfig {
  /** `laterbase:primary`. */
  primary: PrimaryConfig;
  /** `laterbase:backups`. Default: no backups. */
  backups?: BackupsConfig | undefined;
  /** `laterbase:objectStore`. Default: none. */
  objectStore?: ObjectStoreConfig | undefined;
  /** `laterbase:dumps`. Default: no dumps. */
  dumps?: { path?: string | undefined } | undefined;
}

/** pgBackRest's highest number of a repository, with a PostgreSQL of that major. */
export const mostRepositories = (version: number): number =>
  pgBackRestFeatures(version).release === "2.33" ? 4 : 256;

/** The rules of backups: one sentence for each that is broken, without its full stop. */
export function backupsRules(config: BackupsRulesConfig): string[] {
  const { backups, primary, objectStore } = config;
  if (!backups) return [];
  if (primary.kind === "external") {
    return [
      "laterbase:backups needs a primary that Laterbase runs (kind: managed); an external primary has " +
        "standby and dumps, not this",
    ];
  }
  const { repositories } = backups;
  return [
    ...alone(repositories),
    ...count(repositories, primary.version),
    ...ownStore(repositories, objectStore),
    ...repositoryPlaces(repositories, config.dumps?.path),
    ...queue(backups),
    ...level(backups, primary.version),
    ...bundles(backups, primary.version),
  ];
}

const key = (i: number) => `laterbase:backups.repositories[${i}]`;

/** Archiving to a repository and no archiving cannot both be. */
function alone(repositories: readonly RepositoryConfig[]): string[] {
  const at = repositories.findIndex(({ type }) => type === "none");
  if (at < 0 || repositories.length === 1) return [];
  return [
    `${key(at)} has the type none, which turns archiving off, so it must stand alone; leave it or the ` +
      "others out",
  ];
}

function count({ length }: readonly RepositoryConfig[], version: number): string[] {
  const most = mostRepositories(version);
  if (length <= most) return [];
  return [
    `laterbase:backups.repositories must name at most ${most}, which is the most that the pgBackRest of ` +
      `PostgreSQL ${version} knows; it names ${length}`,
  ];
}

function ownStore(
  repositories: readonly RepositoryConfig[],
  objectStore: ObjectStoreConfig | undefined,
): string[] {
  const at = repositories.findIndex(({ type }) => type === "objectStore");
  if (at < 0 || objectStore) return [];
  return [
    `${key(at)} has the type objectStore: set laterbase:objectStore too, such as ` +
      "{ port: 7070, bucket: homelab-backups }",
  ];
}

/** With less than some segments of 16 MB, pgBackRest gives up each one at once, and archives nothing. */
const leastQueue = 128;

function queue({ archiveQueueMax }: BackupsConfig): string[] {
  if (megabytes(archiveQueueMax) >= leastQueue) return [];
  return [
    `laterbase:backups.archiveQueueMax must be at least ${leastQueue}MB, such as 4GB: what waits longer is given up; ` +
      `it is ${archiveQueueMax}`,
  ];
}

/** The levels that pgBackRest takes. 2.33 and 2.45 check one range for all types, so theirs is the narrower one. */
export const levels = {
  newer: { lz4: [-5, 12], zst: [-7, 22], gz: [-1, 9], bz2: [1, 9] },
  older: { lz4: [1, 9], zst: [1, 9], gz: [0, 9], bz2: [1, 9] },
} as const;

function level({ compression: { type, level } }: BackupsConfig, version: number): string[] {
  if (level === undefined) return [];
  const own = "laterbase:backups.compression.level";
  if (type === "none") return [`${own} has no meaning with the type none; leave it out`];
  const { release } = pgBackRestFeatures(version);
  const [least, most] = levels[release === "2.55" ? "newer" : "older"][type];
  if (level >= least && level <= most) return [];
  return [
    `${own} must be from ${least} to ${most} for ${type} with PostgreSQL ${version}; it is ${level}`,
  ];
}

function bundles(backups: BackupsConfig, version: number): string[] {
  const can = pgBackRestFeatures(version);
  const needs = (at: string, name: string, major: number) =>
    `${at}.${name} needs PostgreSQL ${major}, because the pgBackRest of ${version} is ${can.release}; leave it out`;
  const wrong = (at: string, own: Bundled): string[] => {
    if (own.block && !can.block) return [needs(at, "block", 17)];
    if (own.bundle && !can.bundle) return [needs(at, "bundle", 15)];
    const { bundle = can.bundle, block } = { ...given(backups), ...given(own) };
    if (!block || bundle || Object.keys(given(own)).length === 0) return [];
    return [`${at}.block needs bundle, which is off there; set bundle to true or leave block out`];
  };
  return [
    ...wrong("laterbase:backups", backups),
    ...backups.repositories.flatMap((own, i) => (own.type === "none" ? [] : wrong(key(i), own))),
  ];
}

interface Bundled {
  bundle?: boolean | undefined;
  block?: boolean | undefined;
}

/** The two keys, as far as they are set. */
function given({ bundle, block }: Bundled): { bundle?: boolean; block?: boolean } {
  return { ...(bundle === undefined ? {} : { bundle }), ...(block === undefined ? {} : { block }) };
}
