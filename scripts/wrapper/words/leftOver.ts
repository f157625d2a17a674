import { differences } from "./differences";
import type { Draft } from "./draft";
import { fromTo, isObject, shown } from "./keys";
import { isComponent, isPassing, type Located } from "./located";
import { nameOf } from "./place";
import { onlyLooks } from "./steps";

/** Finds reasons among the changes that nothing explains yet. `all` has the others too. */
type Explain = (open: readonly Located[], all: readonly Located[]) => Draft[];

/**
 * Lines for what no key of the stack file and no drift explains: a new stack, another image, a secret, what
 * somebody removed. What is still left gets a plain line of its own.
 *
 * @param explained whether there are lines already. What only follows from others then needs none
 */
export function leftOver(
  rest: readonly Located[],
  all: readonly Located[],
  explained: boolean,
): Draft[] {
  const drafts: Draft[] = [];
  let open = rest;
  for (const explain of [newParts, oldParts, images, password, login, upload, containers, steps]) {
    drafts.push(...explain(open, all));
    const done = new Set(drafts.flatMap(({ covered }) => covered));
    open = open.filter((one) => !done.has(one));
  }
  const silent = explained || drafts.length > 0;
  return [...drafts, ...open.filter((one) => !silent || !follows(one)).map(plainly)];
}

/** Programs that run because of other changes, by the end of their names: they change nothing that lasts. */
const followers = [
  ...["ready", "process-limits", "image-lock", "looks"],
  ...["configuration", "login", "owner", "job", "order", "settings", "extensions"],
  "settings-check",
  ...["replication-password", "before-primary"],
];

/** Whether a change only follows from others: it changes nothing that anybody notices. */
function follows(change: Located): boolean {
  const { kind, type, fate, name, place } = change;
  if (isComponent(type) || kind === "docker" || type.startsWith("random:")) return true;
  if (kind === "Volume") return isPassing(name);
  if (kind !== "Command") return false;
  if (place.part === "steps") return onlyLooks(change);
  // A role is looked at again where the primary has another container.
  if (place.part === "applications") return fate === "changed" || fate === "remade";
  return fate !== "removed" && followers.some((word) => name === word || name.endsWith(`-${word}`));
}

const ofParts =
  (fate: Located["fate"]): Explain =>
  (open) => {
    const components = open.filter((one) => isComponent(one.type) && one.fate === fate);
    const names = new Set(components.map(({ place }) => nameOf(place)));
    names.delete(nameOf({ part: "engine" }));
    return [...names].map((subject) => {
      const covered = open.filter((one) => nameOf(one.place) === subject && one.fate === fate);
      const prepared = covered.every(({ place }) => ["steps", "backups"].includes(place.part));
      const what = fate === "removed" ? "removed" : prepared ? "prepared" : "new";
      return { subject, changes: [`${what}${published(covered)}`], covered };
    });
  };

const newParts: Explain = (open, all) => [...ofParts("made")(open, all), ...sharedByAll(open, all)];
const oldParts = ofParts("removed");

/** Networks and images of a stack that is new. */
function sharedByAll(open: readonly Located[], all: readonly Located[]): Draft[] {
  if (!all.some(({ kind, fate }) => kind === "Laterbase" && fate === "made")) return [];
  const covered = open.filter(
    ({ place, kind }) => place.part === "engine" || kind === "RemoteImage",
  );
  const of = (wanted: string) =>
    covered.filter(({ kind }) => kind === wanted).map((one) => shown(one.new?.inputs["name"]));
  const effects = [
    ...of("Network").map((name) => `network ${name} made`),
    ...of("RemoteImage").map((name) => `image ${name} built or pulled`),
  ];
  return [{ subject: "stack", changes: ["new"], covered, effects }];
}

function published(covered: readonly Located[]): string {
  const container = covered.find(({ kind }) => kind === "Container");
  const ports = container?.new?.inputs["ports"];
  const first: unknown = Array.isArray(ports) ? ports[0] : undefined;
  return isObject(first) && first["external"] !== undefined
    ? ` on port ${shown(first["external"])}`
    : "";
}

/** Another image, and what runs it: containers, and steps on the primary. */
const images: Explain = (open, all) =>
  open
    .filter(({ kind, fate }) => kind === "RemoteImage" && fate !== "removed")
    .map((image) => {
      const covered = [image, ...all.filter((one) => runs(one, image))];
      const subject = image.place.part === "engine" ? "servers" : nameOf(image.place);
      const [from, to] = [image.old, image.new].map((one) => short(one?.inputs["name"]));
      const isGone = from === undefined || from === to;
      const change = isGone ? `image ${shown(to)} is not there` : fromTo("image", from, to);
      return { subject, changes: [change], covered };
    });

/** Twelve digits of a digest, as Docker shows it. */
const short = (name: unknown): unknown =>
  typeof name === "string" ? name.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]{52}$/, "$1") : name;

function runs({ kind, place: { part }, differing }: Located, { place }: Located): boolean {
  if (kind === "Command" && part === "steps") {
    return place.part === "engine" && differing.every((key) => key === "environment");
  }
  if (kind !== "Container" || !differing.includes("image")) return false;
  if (place.part === "engine") return part === "primary" || part === "standby";
  // The monitor is of the agent's image.
  return part === place.part || (place.part === "agent" && part === "health");
}

/** Containers that hold a password in a file, and no other change. */
const withPassword = (change: Located): boolean =>
  change.kind === "Container" &&
  ["pgAdmin", "agent", "health"].includes(change.place.part) &&
  change.differing.every((key) => key === "uploads");

const isStepAgain = ({ place, kind, fate }: Located): boolean =>
  (place.part === "steps" || place.part === "applications") &&
  kind === "Command" &&
  fate === "changed";

const isOther = (fate: Located["fate"]): boolean => fate === "made" || fate === "removed";

/** The superuser's password of a managed primary. */
const password: Explain = (open, all) => {
  // It runs for the pooler's list of users too, which has the owners of the databases.
  if (all.some(({ place, fate }) => place.part === "applications" && isOther(fate))) return [];
  const step = open.find(
    ({ place, kind, fate, differing }) =>
      kind === "Command" &&
      place.part === "primary" &&
      place.step === "login" &&
      fate === "changed" &&
      differing.includes("stdin"),
  );
  if (!step) return [];
  return [
    {
      subject: "primary",
      changes: ["password of the superuser changed"],
      covered: [step, ...open.filter((one) => withPassword(one) || isStepAgain(one))],
      notes: ["new logins need the new one"],
    },
  ];
};

/** What every step on the primary has in common: the login, or the program of the steps. */
const login: Explain = (open) => {
  const commands = open.filter(isStepAgain);
  if (!commands.some(({ place }) => place.step === "role")) return [];
  const others = open.filter(
    (one) =>
      withPassword(one) ||
      (one.kind === "Command" && ["configuration", "order"].includes(one.place.step ?? "")),
  );
  return [
    {
      subject: "primary",
      changes: ["a secret of its login, or the steps of a newer Laterbase"],
      covered: [...commands, ...others],
    },
  ];
};

/** Target and passphrase are secrets, so nobody sees which one changed. */
const upload: Explain = (open) =>
  open
    .filter(
      ({ place, fate }) => place.part === "duplicati" && place.step === "job" && fate === "changed",
    )
    .map((job) => ({
      subject: "Duplicati",
      changes: ["target or passphrase changed"],
      covered: [job],
    }));

/** Containers and volumes, a line for each part. */
const containers: Explain = (open) => {
  const kept = open.filter(
    ({ kind, name }) => kind === "Container" || (kind === "Volume" && !isPassing(name)),
  );
  return [...new Set(kept.map(({ place }) => nameOf(place)))].map((subject) => {
    const covered = kept.filter(({ place }) => nameOf(place) === subject);
    return { subject, changes: [...new Set(covered.flatMap(reasons))], covered };
  });
};

function reasons(change: Located): string[] {
  const { kind, fate, isBack } = change;
  const what = kind === "Container" ? "container" : "volume";
  if (fate === "made") return [isBack ? `its ${what} is gone` : `new ${what}`];
  if (fate === "removed") return [`${what} not needed any more`];
  return differences(change);
}

/** Steps on the primary. */
const steps: Explain = (open) => {
  const covered = open.filter(
    (one) => one.place.part === "steps" && one.kind === "Command" && !onlyLooks(one),
  );
  return covered.length === 0
    ? []
    : [{ subject: "primary", changes: ["what is prepared on it"], covered }];
};

const verbs: Readonly<Record<Located["fate"], string>> = {
  made: "made",
  changed: "changed in place",
  remade: "made anew",
  removed: "removed",
  kept: "kept",
};

/** A true line for a change that has no other. */
function plainly(change: Located): Draft {
  const { kind, name, fate, place } = change;
  if (kind === "Laterbase") {
    return {
      subject: "stack",
      changes: ["the state records the configuration"],
      covered: [change],
      effects: ["nothing restarts"],
    };
  }
  if (name === "looks") {
    return {
      subject: "stack",
      changes: ["what its changes need"],
      covered: [change],
      effects: ["looked at again", "nothing restarts"],
    };
  }
  const why = fate === "changed" || fate === "remade" ? differences(change) : [];
  return {
    subject: nameOf(place),
    changes: [`${kind} ${shown(name)}`],
    covered: [change],
    effects: [verbs[fate], ...why],
  };
}
