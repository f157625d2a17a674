import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

/** A password that passfiles, URIs and pgBouncer's userlist can all hold. The parser returns a secret Output. */
export const RolePassword = z
  .string({ error: "must be a text, set with `pulumi config set --secret --path`" })
  .regex(
    /^\P{Cc}{1,500}$/u,
    "must be a text of 1 to 500 characters on one line; set it with `pulumi config set --secret --path`",
  )
  .meta({ secret: true })
  .transform((text) => pulumi.secret(text));
