import { z } from "zod";
import { EmailAddress } from "../schema/emailAddress";
import { Port } from "../schema/primitives";
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
  superuser: z.boolean({ error: "must be true or false" }).default(false).meta({
    description:
      "Whether the servers in pgAdmin open as the superuser. Otherwise they open as a role that looks at everything and writes nothing; before PostgreSQL 14 that role cannot read the rows of tables either.",
    change: "A change restarts pgAdmin, and creates or drops the role on the primary.",
    example: true,
  }),
});

/** pgAdmin as configured. */
export type PgAdminConfig = z.output<typeof pgAdminSchema>;
