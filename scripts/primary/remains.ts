import { hbaMarkers } from "./hba";
import { dumpRoleBeside } from "../../contract/names";
import type { PrimarySettings, StepName, StepValues } from "./settings";

type Known = Pick<PrimarySettings, "stack" | "role" | "host" | "port">;

/**
 * What stays on a primary that destroy cannot reach, a sentence each with the way to undo it by
 * hand: of one step, or of all.
 */
export function remains(primary: Known, values: StepValues, step?: StepName): string[] {
  const on = `On the primary ${primary.host}:${primary.port} remains`;
  const dumpRole = dumpRoleBeside(primary.role);
  const { first, last } = hbaMarkers(primary.stack);
  const slots = values.slot === undefined ? (values.slots ?? []) : [values.slot];
  const sentences: Partial<Record<StepName, string[]>> = {
    slot: slots.map(
      (slot) =>
        `${on} the replication slot "${slot}", which keeps WAL: SELECT pg_drop_replication_slot('${slot}');`,
    ),
    hba: [
      `${on} the block from "${first}" to "${last}" in pg_hba.conf: remove it and SELECT pg_reload_conf();`,
    ],
    slotWalLimit: [
      `${on} max_slot_wal_keep_size as Laterbase set it (what it was stands in the comment of role "${primary.role}"): ALTER SYSTEM RESET max_slot_wal_keep_size; SELECT pg_reload_conf();`,
    ],
    // Its rights to connect go first, or it could not be dropped.
    dumps: [`${on} the role "${dumpRole}": DROP OWNED BY ${dumpRole}; DROP ROLE ${dumpRole};`],
    role: [`${on} the role "${primary.role}": DROP ROLE ${primary.role};`],
  };
  const all: StepName[] = [
    "slot",
    "hba",
    "slotWalLimit",
    ...(values.dumps ? ["dumps" as const] : []),
    "role",
  ];
  const steps = step === undefined ? all : [step];
  return steps.flatMap((name) => sentences[name] ?? []);
}
