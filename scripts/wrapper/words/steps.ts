import { and } from "./containers";
import type { Located } from "./located";

/** What a step did, does again and takes back, on the primary. */
interface Said {
  made: string;
  changed: string;
  removed: string;
}

const said: Readonly<Record<string, Said>> = {
  role: {
    made: "replication role made",
    changed: "replication role set again",
    removed: "replication role dropped",
  },
  dumps: {
    made: "role that dumps made",
    changed: "role that dumps set again",
    removed: "role that dumps dropped",
  },
  pgAdmin: {
    made: "role that pgAdmin connects by made",
    changed: "role that pgAdmin connects by set again",
    removed: "role that pgAdmin connects by dropped",
  },
  backups: {
    made: "role that backs up made",
    changed: "role that backs up set again",
    removed: "role that backs up dropped",
  },
  health: {
    made: "role of the monitor made",
    changed: "role of the monitor set again",
    removed: "role of the monitor dropped",
  },
  // The names of the resources, which are older than the steps' own.
  cap: {
    made: "max_slot_wal_keep_size set by a reload",
    changed: "max_slot_wal_keep_size set by a reload",
    removed: "max_slot_wal_keep_size as it was before, by a reload",
  },
  hba: {
    made: "block in pg_hba.conf written, a reload, nobody is cut",
    changed: "block in pg_hba.conf written anew, a reload, nobody is cut",
    removed: "block in pg_hba.conf removed, a reload",
  },
};

/** Steps that only look. */
const looks = ["preflight", "order", "probe-"];

/** Whether a step changes nothing on the primary. */
export function onlyLooks({ place: { step = "" } }: Located): boolean {
  return looks.some((name) => step === name || (name.endsWith("-") && step.startsWith(name)));
}

/** What these steps do on the primary. */
export function stepEffects(steps: readonly Located[]): string[] {
  const commands = steps.filter((one) => one.kind === "Command" && !onlyLooks(one));
  const again = commands.filter(({ fate }) => fate === "changed" || fate === "remade");
  // The role's step runs for what every step has in common: the login, the address, the program.
  const all = again.some(({ place }) => place.step === "role");
  const others = all ? commands.filter((one) => !again.includes(one)) : commands;
  return [
    ...slots(others),
    ...others.flatMap(sentenceOf),
    ...(all ? ["the steps on the primary run again without a restart"] : []),
  ];
}

function sentenceOf({ fate, place: { step = "" } }: Located): string[] {
  const words = said[step];
  if (!words) return step.startsWith("slot-") ? [] : [`step ${step} on the primary runs`];
  if (fate === "made") return [words.made];
  return [fate === "removed" ? words.removed : words.changed];
}

function slots(steps: readonly Located[]): string[] {
  const of = (fates: Located["fate"][], verb: string) => {
    const names = steps
      .filter(({ fate, place }) => place.step?.startsWith("slot-") && fates.includes(fate))
      .map(({ place }) => place.step!.slice("slot-".length));
    const what = names.length === 1 ? "slot" : "slots";
    return names.length === 0 ? [] : [`${what} of ${and(names)} ${verb}`];
  };
  return [
    ...of(["made"], "made on the primary"),
    ...of(["changed", "remade"], "set again"),
    ...of(["removed"], "dropped on the primary"),
  ];
}
