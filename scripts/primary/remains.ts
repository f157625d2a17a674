import { hbaMarkers } from "./hba";
import {
  backupRoleBeside,
  dumpRoleBeside,
  healthRoleBeside,
  pgAdminRoleBeside,
} from "../../contract/names";
import type { PrimarySettings, StepName, StepValues } from "./settings";

/** A role in SQL. */
const identifier = (name: string) => `"${name.replace(/"/g, '""')}"`;

type Known = Pick<PrimarySettings, "stack" | "role" | "host" | "port">;

/**
 * What remains on a primary that destroy cannot reach, for one step or for all: a sentence each, with
 * the way to undo it by hand.
 */
export function remains(primary: Known, values: StepValues, step?: StepName): string[] {
  const there = `on the primary ${primary.host}:${primary.port}`;
  const dropped = (role: string) =>
    `The role "${role}" remains ${there}: DROP OWNED BY ${role}; DROP ROLE ${role};`;
  const { first, last } = hbaMarkers(primary.stack);
  const slots = values.slot === undefined ? (values.slots ?? []) : [values.slot];
  const sentences: Partial<Record<StepName, string[]>> = {
    slot: slots.map(
      (slot) =>
        `The replication slot "${slot}" remains ${there} and keeps WAL: SELECT pg_drop_replication_slot('${slot}');`,
    ),
    hba: [
      `The block from "${first}" to "${last}" remains in pg_hba.conf ${there}: remove it and SELECT pg_reload_conf();`,
    ],
    slotWalLimit: [
      `max_slot_wal_keep_size ${there} remains as Laterbase set it (the comment of role "${primary.role}" says what it was before): ALTER SYSTEM RESET max_slot_wal_keep_size; SELECT pg_reload_conf();`,
    ],
    // Their rights to connect are dropped first: otherwise they could not be dropped.
    dumps: [dropped(dumpRoleBeside(primary.role))],
    pgAdmin: [dropped(pgAdminRoleBeside(primary.role))],
    backups: [dropped(backupRoleBeside(primary.role))],
    health: [dropped(healthRoleBeside(primary.role))],
    application: values.application
      ? [
          `The role "${values.application.role}" ${there} may still log in: ALTER ROLE ${identifier(values.application.role)} NOLOGIN;`,
        ]
      : [],
    role: [`The role "${primary.role}" remains ${there}: DROP ROLE ${primary.role};`],
  };
  const all: StepName[] = [
    "slot",
    "hba",
    "slotWalLimit",
    ...(values.dumps ? ["dumps" as const] : []),
    ...(values.pgAdmin ? ["pgAdmin" as const] : []),
    ...(values.backups ? ["backups" as const] : []),
    ...(values.health ? ["health" as const] : []),
    "role",
  ];
  const steps = step === undefined ? all : [step];
  return steps.flatMap((name) => sentences[name] ?? []);
}
