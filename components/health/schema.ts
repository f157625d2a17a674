import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type PingedJob, pingedJobs } from "../../contract/health/config";
import { Port } from "../schema/primitives";
import { SecretUrl } from "../schema/secretUrl";
import { strict } from "../schema/strict";
import { notifySchema } from "./notifySchema";
import { thresholdsSchema } from "./thresholdsSchema";

const change = "A change restarts the monitor; its history stays.";

const tokenError =
  "must be 16 to 200 printable characters without spaces; set it with `pulumi config set --secret --path`";

/** What a bearer token and a password of HTTP Basic can both hold. */
const Token = z
  .string({ error: tokenError })
  .regex(/^[\x21-\x7e]{16,200}$/, tokenError)
  .meta({ secret: true })
  .transform((text) => pulumi.secret(text));

const pinged: Readonly<Record<PingedJob, string>> = {
  dump: "the dump",
  upload: "the upload",
  full: "the full backup",
  diff: "the differential backup",
  incr: "the incremental backup",
  check: "the check of the archive",
  verify: "the verification of the repositories",
  drill: "the drill",
  maintenance: "the maintenance of the repositories",
};

const ping = (job: PingedJob) =>
  SecretUrl.optional().meta({
    description: `The URL that is asked when ${pinged[job]} starts (\`/start\`), ends well, or fails (\`/fail\`), as healthchecks.io has it.`,
    change,
    unset: "no ping",
  });

/** The URL of each job that is pinged. */
const pingsSchema = strict(
  Object.fromEntries(pingedJobs.map((job) => [job, ping(job)])) as Record<
    PingedJob,
    ReturnType<typeof ping>
  >,
);

/** `laterbase:health`. */
export const healthSchema = strict({
  port: Port.default(8080).meta({
    description: "The port of the page, of `/health` and of `/metrics`.",
    change,
    example: 8080,
  }),
  token: Token.optional().meta({
    description:
      "What the page, `/health` and `/metrics` ask for: as a bearer token, or as the password of HTTP Basic with any name. Set it where `bindAddress` lets others reach the port.",
    change,
    unset: "everybody who reaches the port may read",
  }),
  thresholds: thresholdsSchema.prefault({}).meta({
    description: "From where on something is not good. `laterbase status` uses the same.",
    change,
    unset: "those of its keys",
  }),
  notify: z
    .array(notifySchema, { error: "must be a list such as [{ kind: slack, url: … }]" })
    .default([])
    .meta({
      description: "Where messages go when the verdict or a check changes.",
      change,
      unset: "no messages",
      example: [{ kind: "slack", url: { secure: "AAABAMPL…" } }],
    }),
  pings: pingsSchema.prefault({}).meta({
    description:
      "A URL for each job, which a service such as healthchecks.io expects to be asked in time.",
    change,
    unset: "no pings",
  }),
});

/** The monitor as configured. */
export type HealthSettings = z.output<typeof healthSchema>;
