import { z } from "zod";
import { strict } from "../schema/strict";
import { SecretLine } from "./values";

const whole = (least: number, most: number, what: string, example: number) => {
  const error = `must be a whole number of ${what} from ${least} to ${most}, such as ${example}`;
  return z.int({ error }).min(least, error).max(most, error);
};

const flag = z.boolean({ error: "must be true or false" });

/** The keys of a retention, without defaults. */
export const retentionKeys = {
  full: whole(1, 9999999, "full backups or days", 7).optional().meta({
    description:
      "How much stays: so many full backups, or all of so many days, as `fullType` says. What depends on a full backup goes with it. The newest good full backup always stays.",
    change: "The next backup or maintenance applies a change.",
    example: 7,
  }),
  fullType: z
    .literal(["count", "time"], { error: 'must be "count" or "time" (days)' })
    .optional()
    .meta({
      description: "What `full` counts: `count` is full backups, `time` is days.",
      change: "The next backup or maintenance applies a change.",
      example: "count",
    }),
  diff: whole(1, 9999999, "differential backups", 4).optional().meta({
    description:
      "How many differential backups stay. Incremental backups that depend on one go with it. Those of an expired full backup go with that.",
    change: "The next backup or maintenance applies a change.",
    example: 4,
  }),
  archiveDays: whole(1, 36500, "days", 7).optional().meta({
    description:
      "For so many days back, as far as the backups go, you can restore to any moment. Older WAL goes, except what a kept backup needs.",
    change: "The next maintenance applies a change.",
    unset: "WAL stays as long as the oldest full backup",
    example: 7,
  }),
};

/** The same for a repository: a key that is absent is that of all. */
function ownRetention() {
  const unset = { unset: "that of `backups.retention`" };
  const { full, fullType, diff, archiveDays } = retentionKeys;
  return strict({
    full: full.meta({ ...full.meta(), ...unset }),
    fullType: fullType.meta({ ...fullType.meta(), ...unset }),
    diff: diff.meta({ ...diff.meta(), ...unset }),
    archiveDays: archiveDays.meta({ ...archiveDays.meta(), ...unset }),
  });
}

/** `encryption`, of the stack or of a repository. */
export const encryptionSchema = strict({
  passphrase: SecretLine.optional().meta({
    description:
      "Backups and WAL are encrypted with it by AES-256. Nobody can restore them without it: store it elsewhere too.",
    change: "A repository with backups keeps its first passphrase; another one needs a new place.",
    unset: "generated, kept with the data, shown by `npm run laterbase -- credentials`",
  }),
});

/** What each type of repository may have of its own. */
export const ownKeys = {
  retention: ownRetention().optional().meta({
    description: "What this repository keeps.",
    unset: "that of `backups.retention`",
  }),
  encryption: encryptionSchema.optional().meta({
    description: "How this repository is encrypted. `{}` uses the generated passphrase.",
    change: "A repository with backups stays as it is; a change needs a new place.",
    unset: "that of `backups.encryption`",
  }),
  bundle: flag.optional().meta({
    description: "Store small files of this repository together.",
    change: "The next backup applies a change.",
    unset: "that of `backups.bundle`",
    example: true,
  }),
  block: flag.optional().meta({
    description: "Store only the changed blocks of a file in this repository. It needs `bundle`.",
    change: "The next full backup applies a change.",
    unset: "that of `backups.block`",
    example: true,
  }),
};
