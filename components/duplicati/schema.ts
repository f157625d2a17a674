import { z } from "zod";
import { Port, SecretText } from "../schema/primitives";
import { Schedule } from "../schema/schedule";
import { strict } from "../schema/strict";
import { Target } from "./target";

const span = "(?:[1-9][0-9]{0,4}[smhDWMY])+";

/** `timeframe:interval,…` as Duplicati reads it: seconds, minutes, hours, Days, Weeks, Months, Years. */
const Retention = z
  .string({ error: "must be a retention policy, such as 1W:1D,4W:1W,12M:1M" })
  .regex(
    new RegExp(`^(?:U|${span}):(?:U|${span})(?:,(?:U|${span}):(?:U|${span}))*$`),
    "must be a list of timeframe:interval in s, m, h, D, W, M or Y, such as 1W:1D,4W:1W,12M:1M",
  )
  .meta({ values: "list of timeframe:interval in s, m, h, D, W, M or Y" });

/** `laterbase:duplicati`. */
export const duplicatiSchema = strict({
  port: Port.meta({
    description: "The port of the web page.",
    change: "A change restarts Duplicati.",
    example: 8200,
  }),
  target: Target.meta({
    description:
      "Where the archives go, as Duplicati writes it: `s3://…`, `b2://…`, `ssh://…` and so on, with options and keys in the URL. S3 uses TLS only with `use-ssl=true`. `file:///archive` is a volume on the same engine: good for a trial, but not off site.",
    change: "A change starts a new history there and leaves the old archives.",
  }),
  passphrase: SecretText.optional().meta({
    description: "The archives are encrypted with it. Nobody can read them without it.",
    change: "Duplicati refuses a change while the target holds archives: change the target too.",
    unset: "generated, kept with the data, shown by `npm run laterbase -- credentials`",
  }),
  schedule: Schedule.prefault("0 3 * * *").meta({
    description: "When to upload, in `timeZone`.",
    change: "A change restarts the agent and the scheduler.",
    example: "0 3 * * *",
  }),
  retention: Retention.default("1W:1D,4W:1W,12M:1M").meta({
    description:
      "Which archives stay. The default keeps one a day for a week, one a week for four weeks and one a month for a year. `U` means without limit.",
    change: "The next upload applies a change.",
    example: "1W:1D,4W:1W,12M:1M",
  }),
});

/** Duplicati as configured. */
export type DuplicatiConfig = z.output<typeof duplicatiSchema>;
