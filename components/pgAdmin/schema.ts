import { z } from "zod";
import { EmailAddress } from "../schema/emailAddress";
import { Host, Port } from "../schema/primitives";
import { strict } from "../schema/strict";

/** `laterbase:pgAdmin`. */
export const pgAdminSchema = strict({
  port: Port.meta({
    description: "The port of the web page.",
    change: "A change restarts pgAdmin.",
    example: 5050,
  }),
  email: EmailAddress.meta({
    description: "The e-mail address to log in with. Nothing is sent to it.",
    change: "A change restarts pgAdmin; what the login has saved stays.",
    example: "me@example.com",
  }),
  hostNames: z
    .array(Host, { error: "must be a list of host names, such as [nas.local]" })
    .default([])
    .meta({
      description:
        "More names and addresses that people open the page by. It always answers to `bindAddress` (`0.0.0.0`: to every address), to the engine's name and to `localhost`, and refuses every other name.",
      change: "A change restarts pgAdmin.",
      example: ["nas.local"],
    }),
  superuser: z.boolean({ error: "must be true or false" }).default(false).meta({
    description:
      "Whether the servers in pgAdmin open as the superuser. Otherwise they open as a role that looks at everything and writes nothing; before PostgreSQL 14 that role cannot read the rows of tables either.",
    change: "A change restarts pgAdmin, and creates or drops the role on the primary.",
    example: true,
  }),
});

/** pgAdmin as configured. */
export type PgAdminConfig = z.output<typeof pgAdminSchema>;
