import { z } from "zod";
import { parameterName } from "../../contract/serverSettings";
import { leastWalSize, walMegabytes } from "../../contract/walSize";
import { whyNot } from "./ownParameters";

const value = "must be a text, a number, true or false on one line, such as 64MB";

/** A value as PostgreSQL reads it. */
const Value = z
  .union([z.string(), z.number(), z.boolean()], { error: value })
  // eslint-disable-next-line no-control-regex -- a line break would begin another line of postgresql.conf
  .refine((one) => !/[\x00-\x1f\x7f]/.test(String(one)) && String(one).length <= 1000, {
    error: value,
  })
  .transform((one) => (typeof one === "boolean" ? (one ? "on" : "off") : String(one)));

/** PostgreSQL finds that out when it starts, and not when it reads the value: the server would not come back. */
function tooLittleWal(name: string, set: string): string | undefined {
  if (!/^(max|min)_wal_size$/i.test(name)) return undefined;
  const megabytes = walMegabytes(set);
  return megabytes !== undefined && megabytes < leastWalSize
    ? `must be at least ${leastWalSize}MB, which is two WAL segments; it is ${JSON.stringify(set)}`
    : undefined;
}

/** PostgreSQL finds this out when it starts, too: Docker lets no container use io_uring. */
const notInContainer = (name: string, set: string): string | undefined =>
  /^io_method$/i.test(name) && /^\s*io_uring\s*$/i.test(set)
    ? "must not be io_uring, which Docker allows in no container; PostgreSQL's default is worker"
    : undefined;

/** `settings` of a managed primary. PostgreSQL itself checks names and values before anything stops. */
export const Settings = z
  .record(z.string(), Value, { error: "must be an object such as { work_mem: 64MB }" })
  .superRefine((all, context) => {
    const refuse = (name: string, message: string) =>
      context.addIssue({ code: "custom", path: [name], message, input: all });
    const seen = new Set<string>();
    for (const [name, set] of Object.entries(all)) {
      const why = parameterName.test(name)
        ? (whyNot(name) ?? tooLittleWal(name, set) ?? notInContainer(name, set))
        : "must be the name of a parameter of PostgreSQL, such as work_mem";
      if (why !== undefined) refuse(name, why);
      if (seen.has(name.toLowerCase())) refuse(name, "is there twice; PostgreSQL takes any case");
      seen.add(name.toLowerCase());
    }
  })
  .optional()
  .meta({
    values: "object of parameters and values",
    description:
      "Parameters of postgresql.conf, for the primary and its standbys. One that Laterbase sets itself is refused with the key to use, and one that PostgreSQL refuses stops `up` before anything is changed.",
    change:
      "The first key restarts the servers once. Afterwards a reload applies a change, and a restart where PostgreSQL needs one; `preview` says which.",
    unset: "PostgreSQL's defaults",
    example: { work_mem: "64MB", log_min_duration_statement: "1s" },
  });
