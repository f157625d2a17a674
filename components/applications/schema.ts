import { z } from "zod";
import { RolePassword } from "../schema/password";
import { DatabaseName } from "../schema/primitives";
import { strict } from "../schema/strict";

const commandError = "must be a list of words, such as [alembic, upgrade, head]";

/** How an application changes the tables of its database. */
const migrateSchema = strict({
  command: z
    .array(z.string({ error: commandError }).min(1, commandError), { error: commandError })
    .min(1, commandError)
    .meta({
      description:
        "The program with its arguments, a word each. It gets `DATABASE_URL`, the direct connection, in its environment.",
      change: "The next `laterbase migrate` uses it.",
      values: "list of words",
      example: ["alembic", "upgrade", "head"],
    }),
  directory: z
    .string({ error: "must be a folder, such as ../dashboard" })
    .regex(/^[^\0\n\r]+$/, "must be a folder, such as ../dashboard")
    .optional()
    .meta({
      description:
        "The folder that the program starts in, on the machine of the command. Relative to the stack file.",
      change: "The next `laterbase migrate` uses it.",
      values: "folder",
      unset: "`container` says where the program runs",
      example: "../dashboard",
    }),
  container: z
    .string({ error: "must be the name of a container, such as dashboard" })
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9_.-]*$/,
      "must be the name of a container of the stack's engine, such as dashboard",
    )
    .optional()
    .meta({
      description: "A running container of the stack's engine, in which the program starts.",
      change: "The next `laterbase migrate` uses it.",
      values: "container name",
      unset: "`directory` says where the program runs",
      example: "dashboard",
    }),
});

/** One of `laterbase:applications`. */
const applicationSchema = strict({
  database: DatabaseName.meta({
    description:
      "The database that the application's role owns. It is created when it is missing, also when `primary.databases` does not name it.",
    change:
      "The role gives the old database back to `postgres` and owns the new one. No row moves, and nothing restarts.",
    values: "database name",
    example: "homelab_jarvis",
  }),
  password: RolePassword.optional().meta({
    description: "The password of the application's role.",
    change: "A change applies at the next `up`. Nothing restarts, and open connections stay.",
    unset: "generated, kept with the data, shown by `npm run laterbase -- credentials`",
  }),
  migrate: migrateSchema.optional().meta({
    description:
      "How the application changes its tables. Either `directory` or `container` says where the program runs.",
    change: "The next `laterbase migrate` uses it.",
    unset: "`laterbase migrate` refuses this application",
  }),
});

/** `laterbase:applications`. */
export const applicationsSchema = z.record(z.string(), applicationSchema, {
  error: "must be an object such as { jarvis: { database: homelab_jarvis } }",
});

/** The applications as configured, by name. */
export type ApplicationsConfig = z.output<typeof applicationsSchema>;

/** One application as configured. */
export type ApplicationConfig = ApplicationsConfig[string];
