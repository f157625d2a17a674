import { z } from "zod";

const name = "must be the name of a Debian package after postgresql-<version>-, such as pgvector";

/** `extensions` of a managed primary. */
export const Extensions = z
  .array(
    z
      .string({ error: name })
      .regex(/^[a-z0-9][a-z0-9+._-]{0,60}$/, name)
      .meta({ values: "names" }),
    { error: "must be a list of names, such as [postgis, pgvector]" },
  )
  .superRefine((all, context) => {
    all.forEach((one, i) => {
      if (all.indexOf(one) === i) return;
      context.addIssue({ code: "custom", path: [i], message: "is there twice; once is enough" });
    });
  })
  .optional()
  .meta({
    values: "list of names",
    description:
      "Extensions from Debian's packages: `postgis` is `postgresql-17-postgis-3`. They are in every image that runs the database's code. One that only a superuser may create is created in each of `databases`; the others are created by their users, with `CREATE EXTENSION`.",
    change:
      "A change builds another image and restarts the servers. One that a database uses cannot be taken away.",
    unset: "those that come with PostgreSQL",
    example: ["postgis", "pgvector"],
  });
