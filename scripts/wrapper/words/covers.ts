import { needsRestart } from "../../../contract/serverSettings";
import type { KeyChange } from "./keys";
import type { Located } from "./located";
import type { Part } from "./place";

/** What a key of the stack file leads to. */
export interface Rule {
  /** Whether a change may come of this key. */
  covers: (change: Located, key: KeyChange) => boolean;
  /** What people should know that the changes themselves do not say. */
  note?: (key: KeyChange) => string | undefined;
}

type Covers = Rule["covers"];

export const any =
  (...all: Covers[]): Covers =>
  (change, key) =>
    all.some((covers) => covers(change, key));

export const everything: Covers = () => true;

export const parts =
  (...names: Part[]): Covers =>
  ({ place }) =>
    names.includes(place.part);

export const containers =
  (...names: Part[]): Covers =>
  ({ kind, place }) =>
    kind === "Container" && names.includes(place.part);

/** Steps on the primary, by their resources' names. Each key also has the preflight look again. */
export const steps =
  (...names: string[]): Covers =>
  ({ place: { part, step } }) =>
    part === "steps" && (step === "preflight" || names.includes(step ?? ""));

export const program =
  (...names: string[]): Covers =>
  ({ kind, place }) =>
    kind === "Command" && place.part !== "steps" && names.includes(place.step ?? "");

/** What belongs to the standby that the key is about. */
export const ofStandby: Covers = ({ place: { part, standby, step } }, { path }) =>
  part === "standby"
    ? standby === path[1]
    : part === "steps" && ["slot-", "probe-"].some((word) => step === `${word}${path[1]}`);

/** One that needs a restart is in the container's own file. */
export const ofSetting: Covers = (change, key) => {
  const { path } = key;
  return needsRestart(path[2] ?? "")
    ? containers("primary", "standby")(change, key)
    : program("settings")(change, key);
};

/** What the address of a server leads to. */
export const readers = any(
  containers("pgAdmin", "agent", "health"),
  program("configuration"),
  steps(),
);

/** The monitor knows which parts there are. Where the monitor itself comes or goes, it is because of its own key. */
export const monitor: Covers = (change, key) =>
  ["remade", "changed"].includes(change.fate) && containers("health")(change, key);

export const servers = any(containers("primary", "standby"), readers, program("login", "order"));

/** Roles that own databases. The pooler knows their passwords. */
export const logins = any(parts("applications"), program("login"));

export const owners = any(logins, containers("primary"), program("configuration", "extensions"));

export const allSteps = any(parts("steps", "applications"), program("order"));

export const say = (sentence: string) => () => sentence;
