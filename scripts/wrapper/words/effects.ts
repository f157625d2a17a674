import { applicationEffects } from "./applications";
import { and, containerEffects } from "./containers";
import { shown } from "./keys";
import { isPassing, type Located } from "./located";
import { stepEffects } from "./steps";

/** What these changes do, in the order in which people ask: what stops, what stays, what else. */
export function effectsOf(changes: readonly Located[], subject: string): string[] {
  const containers = changes.filter(({ kind }) => kind === "Container");
  const steps = changes.filter(({ place }) => place.part === "steps");
  return [
    ...containerEffects(
      containers,
      subject,
      new Set(emptied(changes).map(({ place }) => place.part)),
    ),
    // Several servers may do the same.
    ...new Set(changes.flatMap((one) => programEffect(one, containers))),
    ...stepEffects(steps),
    ...applicationEffects(changes, followsOthers(containers, steps)),
    ...volumeEffects(changes),
  ];
}

/** Whether the steps of the owners run because the primary's container or its login is another one. */
const followsOthers = (containers: readonly Located[], steps: readonly Located[]): boolean =>
  containers.some(({ place, fate }) => place.part === "primary" && fate !== "changed") ||
  steps.some(({ place, fate }) => place.step === "role" && fate === "changed");

/** A program that runs because its container is another one says nothing new. */
function programEffect(change: Located, containers: readonly Located[]): string[] {
  const { kind, fate, place } = change;
  if (kind === "Command" && place.step === "replication-password" && fate !== "removed")
    return ["the running standbys get it, nothing restarts"];
  if (kind !== "Command" || fate !== "changed") return [];
  const isNew = (part: Located["place"]["part"]) =>
    containers.some((one) => one.place.part === part && one.fate !== "changed");
  if (place.step === "configuration" && place.part === "backups") {
    return isNew("primary") ? [] : ["pgBackRest's next command uses it, a reload of the primary"];
  }
  if (place.step === "configuration" && !isNew("pooler")) {
    return ["the pooler reloads, no client is cut"];
  }
  if (place.step === "login" && !isNew("primary") && !isNew("pooler")) {
    return ["set on the running server, nothing restarts, the pooler's clients wait a moment"];
  }
  if (place.step === "settings" && !isNew(place.part)) {
    return ["a reload applies it, nobody is cut"];
  }
  if (place.step === "job" && !isNew("duplicati")) return ["the upload's job follows in place"];
  return [];
}

/** Volumes with data, in the place of which an empty one is made. */
const emptied = (changes: readonly Located[]): Located[] =>
  changes.filter(
    (one) => isData(one) && (one.fate === "remade" || (one.fate === "made" && one.isBack)),
  );

const isData = ({ kind, name }: Located): boolean => kind === "Volume" && !isPassing(name);

function volumeEffects(changes: readonly Located[]): string[] {
  const name = ({ old, new: now, name: own }: Located) =>
    shown((now ?? old)?.inputs["name"] ?? own);
  const empty = emptied(changes).map(name);
  const gone = changes.filter((one) => isData(one) && one.fate === "removed");
  const [kept, deleted] = [true, false].map((stays) =>
    gone.filter(({ old }) => (old?.retainOnDelete ?? false) === stays).map(name),
  );
  return [
    ...sentence(empty, "made anew, EMPTY"),
    ...sentence(kept!, kept!.length === 1 ? "kept with its data" : "kept with their data"),
    ...sentence(deleted!, "deleted"),
  ];
}

function sentence(volumes: readonly string[], verb: string): string[] {
  if (volumes.length === 0) return [];
  return [`${volumes.length === 1 ? "volume" : "volumes"} ${and(volumes)} ${verb}`];
}
