import { z } from "zod";
import { Memory } from "../schema/memory";
import { BindAddress, DockerHost, Port } from "../schema/primitives";
import { strict } from "../schema/strict";

/** One entry of `laterbase:standbys`. */
export const standbySchema = strict({
  name: z
    .string({ error: "must be a name such as standby" })
    .regex(/^[a-z0-9_]{1,40}$/, "must be a name of a–z, 0–9 and _, such as standby_2")
    .meta({
      values: "name of a–z, 0–9 and _",
      description:
        "The standby's name. Its container, volume and slot are named after it. It may not be the name of another container of a stack, such as `primary` or `pooler`.",
      change: "A change makes another standby with a clone of its own; the old data volume stays.",
      example: "standby",
    }),
  port: Port.meta({
    description: "The port to publish.",
    change: "A change restarts the standby; the data stays.",
    example: 8009,
  }),
  dockerHost: DockerHost.optional().meta({
    description: "The Docker engine that runs this standby.",
    change:
      "A standby does not move: add one with another name on the other engine, and take the old one out by `npm run laterbase -- forget <standby>`. With `npm run`, a change is refused where the standby exists.",
    unset: "`dockerHost`",
    example: "ssh://media@nas.local",
  }),
  bindAddress: BindAddress.optional().meta({
    description: "The address where its port listens.",
    change: "A change restarts the standby.",
    unset: "`bindAddress`",
    example: "127.0.0.1",
  }),
  memory: Memory,
});

/** A standby as configured. */
export type StandbyConfig = z.output<typeof standbySchema>;
