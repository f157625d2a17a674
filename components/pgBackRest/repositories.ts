import type * as pulumi from "@pulumi/pulumi";
import { pgBackRestFeatures } from "../../contract/pgBackRest";
import type { RepositoryConfig } from "./repositorySchema";
import type { BackupsConfig } from "./schema";

/** A repository with what it has of its own and what it has of `laterbase:backups`. */
export interface Repository {
  /** pgBackRest's number, from 1. */
  number: number;
  /** Its entry in the stack file. */
  config: Exclude<RepositoryConfig, { type: "none" }>;
  /** How long its backups and their WAL stay. */
  retention: { full: number; fullType: "count" | "time"; diff: number; archiveDays?: number };
  /** Absent: not encrypted. "generated": the stack's generated passphrase. */
  passphrase?: pulumi.Output<string> | "generated";
  /** Whether small files are stored together. */
  bundle: boolean;
  /** Whether only the changed blocks of a file are stored. */
  block: boolean;
}

/** The repositories in order. Empty where archiving is off. */
export function repositoriesOf(backups: BackupsConfig | undefined, major: number): Repository[] {
  if (!backups) return [];
  const can = pgBackRestFeatures(major);
  return backups.repositories.flatMap((config, i) => {
    if (config.type === "none") return [];
    const common = backups.retention;
    const { archiveDays = common.archiveDays, ...own } = config.retention ?? {};
    const encryption = config.encryption ?? backups.encryption;
    const bundle = config.bundle ?? backups.bundle ?? can.bundle;
    const block = config.block ?? backups.block ?? (can.block && bundle);
    return [
      {
        number: i + 1,
        config,
        retention: {
          full: own.full ?? common.full,
          fullType: own.fullType ?? common.fullType,
          diff: own.diff ?? common.diff,
          ...(archiveDays === undefined ? {} : { archiveDays }),
        },
        ...(encryption ? { passphrase: encryption.passphrase ?? ("generated" as const) } : {}),
        bundle,
        block,
      },
    ];
  });
}

/** Whether a passphrase has to be generated. */
export function needsPassphrase(repositories: readonly Repository[]): boolean {
  return repositories.some(({ passphrase }) => passphrase === "generated");
}
