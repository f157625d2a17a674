import { z } from "zod";
import { Port } from "../schema/primitives";
import { strict } from "../schema/strict";

const Mode = z.literal(["transaction", "session"], {
  error:
    'must be "transaction" (a server connection is handed on after each transaction) or ' +
    '"session" (when its client leaves)',
});

const connections = (example: number, most: number) => {
  const error = `must be a whole number from 1 to ${most}, such as ${example}`;
  return z.int({ error }).min(1, error).max(most, error);
};

/** `laterbase:pooler`. */
export const poolerSchema = strict({
  port: Port.meta({
    description: "The port to publish.",
    change: "A change restarts the pooler and disconnects its clients.",
    example: 6432,
  }),
  mode: Mode.default("transaction").meta({
    description:
      "When the next client gets a server connection: after each transaction, or when the client disconnects (`session`).",
    change: "A reload applies a change.",
    example: "transaction",
  }),
  maxClients: connections(1000, 10000).default(1000).meta({
    description:
      "How many clients may be connected (`max_client_conn`). Five more may use the console. The next one is refused.",
    change: "A reload applies a change.",
    example: 1000,
  }),
  poolSize: connections(25, 10000).optional().meta({
    description:
      "Server connections of each pool, shared by all roles. Each database has one pool on the primary and one on the standby.",
    change: "A reload applies a change.",
    unset: "25, or fewer where `maxServerConnections` leaves less room",
    example: 25,
  }),
  maxServerConnections: connections(100, 10000).default(100).meta({
    description:
      "The most server connections of all pools together. One of them looks up the passwords of roles.",
    change:
      "A reload applies a change. Where a managed primary's default of 100 connections is too small for it, the primary restarts.",
    example: 100,
  }),
  databases: z
    .record(
      z.string(),
      strict({
        mode: Mode.optional().meta({
          description: "The mode of this database's pools.",
          change: "A reload applies a change.",
          unset: "`pooler.mode`",
          example: "session",
        }),
        poolSize: connections(10, 10000).optional().meta({
          description: "Server connections of each of its two pools.",
          change: "A reload applies a change.",
          unset: "`pooler.poolSize`",
          example: 10,
        }),
      }),
      { error: "must be an object such as { jobs: { mode: session, poolSize: 10 } }" },
    )
    .default({})
    .meta({
      description: "Settings for single databases, by name.",
      change: "A reload applies a change.",
      example: { mfi_banking: { mode: "session", poolSize: 10 } },
    }),
});

/** The pooler as configured. */
export type PoolerConfig = z.output<typeof poolerSchema>;
