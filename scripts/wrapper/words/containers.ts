import type { Located } from "./located";
import { nameOf, type Part } from "./place";

/** What people see of a part's container. */
interface Seen {
  /** What stays when it is made anew. Empty: it holds nothing. */
  stays: string;
  /** Who notices that it is away. */
  notices: string;
  /** About how long it is away, in seconds. */
  away: number;
  /** What a new one begins with. */
  begins: string;
}

/** Estimates for two cores that are not busy. The trial `words` prints how long each part is away. */
const seen: Readonly<Partial<Record<Part, Seen>>> = {
  primary: {
    stays: "data stay",
    notices: "every client reconnects",
    away: 10,
    begins: "a new, empty server",
  },
  standby: {
    stays: "data stay",
    notices: "readers reconnect",
    away: 5,
    begins: "the primary's data are cloned, which reads them once",
  },
  pooler: { stays: "", notices: "clients of the pooler reconnect", away: 5, begins: "" },
  pgAdmin: {
    stays: "what people saved stays",
    notices: "pgAdmin's page is away",
    away: 15,
    begins: "the first start takes about a minute",
  },
  agent: {
    stays: "dumps and backups stay",
    notices: "a running dump, backup or restore is stopped",
    away: 5,
    begins: "a first dump follows",
  },
  duplicati: {
    stays: "archives stay",
    notices: "a running upload is stopped",
    away: 10,
    begins: "",
  },
  objectStore: {
    stays: "objects stay",
    notices: "backups and the archive wait",
    away: 5,
    begins: "",
  },
  health: {
    stays: "its history stays",
    notices: "the monitor's page is away",
    away: 5,
    begins: "",
  },
  scheduler: { stays: "", notices: "no job starts meanwhile", away: 5, begins: "" },
};

/**
 * What happens to these containers, who notices and about how long.
 *
 * @param emptied the parts that begin with an empty volume
 */
export function containerEffects(
  containers: readonly Located[],
  subject: string,
  emptied: ReadonlySet<Part>,
): string[] {
  const of = (fate: Located["fate"]) => containers.filter((one) => one.fate === fate);
  return [
    ...remade(of("remade"), subject, emptied),
    ...made(of("made"), subject, emptied),
    ...named(of("changed"), subject, "container", "containers", "changed in place"),
    ...(of("changed").length > 0 ? ["nothing restarts"] : []),
    ...named(of("removed"), subject, "container", "containers", "removed"),
  ];
}

function remade(
  containers: readonly Located[],
  subject: string,
  emptied: ReadonlySet<Part>,
): string[] {
  if (containers.length === 0) return [];
  const known = containers.flatMap(({ place }) => seen[place.part] ?? []);
  const away = Math.max(0, ...known.map((one) => one.away));
  const several = new Set(containers.map(({ place }) => nameOf(place))).size > 1;
  return [
    ...named(containers, subject, "container", "containers", "made anew"),
    ...stays(containers, emptied),
    ...notices(containers),
    ...(away === 0 ? [] : [several ? `each for about ${away} s at most` : `about ${away} s`]),
  ];
}

function made(
  containers: readonly Located[],
  subject: string,
  emptied: ReadonlySet<Part>,
): string[] {
  // Without its other resources it is not new: somebody removed the container.
  const back = containers.filter((one) => one.isBack);
  const fresh = containers.filter((one) => !one.isBack);
  return [
    ...named(back, subject, "container", "containers", "made again"),
    ...stays(back, emptied),
    ...named(fresh, subject, "new container", "new containers", ""),
    ...new Set(fresh.map(({ place }) => seen[place.part]?.begins ?? "").filter(Boolean)),
  ];
}

/** Where a part begins with an empty volume, nothing general is said about data. */
function stays(containers: readonly Located[], emptied: ReadonlySet<Part>): string[] {
  if (emptied.size > 0) return [];
  const all = new Set(containers.map(({ place }) => seen[place.part]?.stays ?? "").filter(Boolean));
  return all.size > 1 ? ["all data stay"] : [...all];
}

/** The clients of a primary are those of everything that follows it. */
function notices(containers: readonly Located[]): string[] {
  const parts = new Set(containers.map(({ place }) => place.part));
  if (parts.has("primary")) {
    parts.delete("standby");
    parts.delete("pooler");
  }
  if (parts.has("agent")) parts.delete("scheduler");
  return [...parts].map((part) => seen[part]?.notices ?? "").filter(Boolean);
}

/** `container made anew`, or `containers of primary and standby made anew` where the line is about more. */
function named(
  containers: readonly Located[],
  subject: string,
  one: string,
  more: string,
  verb: string,
): string[] {
  const names = [...new Set(containers.map(({ place }) => nameOf(place)))];
  if (names.length === 0) return [];
  const what =
    names.length > 1
      ? `${more} of ${and(names)}`
      : names[0] === subject
        ? one
        : `${one} of ${names[0]}`;
  return [verb ? `${what} ${verb}` : what];
}

export function and(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
