import { visible } from "../../../contract/visible";
import type { FoundThing } from "../engines/found";

/** The run cannot go on, and nothing was changed. */
export class EnginesRefuse extends Error {
  /** @param sentences what is wrong, and the ways out */
  constructor(readonly sentences: readonly string[]) {
    super(sentences.join("\n"));
  }
}

/** The state knows nothing, and the engines have things of a stack of this name. */
export function lostState(unknown: readonly FoundThing[], stack: string): EnginesRefuse {
  const up = stack === "dev" ? "npm start --" : upCommand(stack);
  return new EnginesRefuse([
    `The state of stack ${stack} is empty, and Docker has things of a stack of this name: ${listed(unknown)}.`,
    "Nothing was changed.",
    `If the state was lost, put it back from a backup. Without a backup, '${up} --adopt' makes the containers anew, keeps every volume with its data, and sets new passwords.`,
    ...(unknown.some(({ name }) => name.endsWith("-duplicati"))
      ? [
          "If you kept the passphrase of Duplicati's archives, set laterbase:duplicati.passphrase to it before: Laterbase cannot read the one that it generated.",
        ]
      : []),
    "If another user's stack has this name, give yours another one.",
  ]);
}

/**
 * Nobody knows what the stack has. A state that is read as empty would look like one that was lost.
 *
 * @param said what Pulumi printed
 */
export function unreadableState(stack: string, said: string): EnginesRefuse {
  return new EnginesRefuse([
    `The state of stack ${stack} cannot be read${because(said)}.`,
    "Nothing was changed.",
  ]);
}

/**
 * A run was in the middle of something, and Pulumi does not let its state be changed.
 *
 * @param said what Pulumi printed
 */
export function heldState(stack: string, said: string): EnginesRefuse {
  return new EnginesRefuse([
    `A run of stack ${stack} has begun and not ended, and Pulumi does not let the state be changed${because(said)}.`,
    "Nothing was changed.",
    `If that run is at work, wait until it has ended. If you know that it was killed, 'npm run pulumi -- cancel --stack ${stack}' removes its lock.`,
  ]);
}

/** Pulumi's first line. */
function because(said: string): string {
  const [why = ""] = said
    .replace(/^error: /gm, "")
    .trim()
    .split("\n");
  return why ? ` (${visible(why).replace(/\.$/, "")})` : "";
}

/** The state knows nothing, and nobody could see what the engines have. */
export function unasked(hosts: readonly string[], stack: string): EnginesRefuse {
  const names = hosts.map((host) =>
    host ? `the engine ${visible(host)}` : "the local Docker engine",
  );
  return new EnginesRefuse([
    `Nobody knows whether things of stack ${stack} are there: its state has none, and ${names.join(" and ")} did not answer.`,
    `Nothing was changed. Run '${upCommand(stack)}' again when Docker answers there.`,
  ]);
}

/** Something is in the way, and nothing shows that this stack made it. */
export function inTheWay(unknown: readonly FoundThing[], stack: string): EnginesRefuse {
  const names = (kind: string) =>
    unknown.filter((one) => one.kind === kind).map(({ name }) => ` ${name}`);
  const remove = Object.entries({
    "docker rm --force": names("container"),
    "docker network rm": names("network"),
  })
    .filter(([, which]) => which.length > 0)
    .map(([command, which]) => `${command}${which.join("")}`);
  const them = unknown.length === 1 ? "it" : "them";
  return new EnginesRefuse([
    `Docker has ${listed(unknown)} already, and the state of stack ${stack} does not know ${them}.`,
    `Nothing was changed, because another user's stack of this name may have made ${them}.`,
    `Give your stack another name. If nobody needs ${them}, run '${visible(remove.join(" && "))}', which leaves the volumes, and then '${upCommand(stack)}'.`,
  ]);
}

/**
 * A restore may have stopped the primary, which a run would start again on the data from before, or a destroy would end
 * it half-way.
 *
 * @param command what to run when it has ended. Default: what brings the stack up
 */
export function restoreAtWork(
  stack: string,
  { host, name }: Pick<FoundThing, "host" | "name">,
  command = upCommand(stack),
): EnginesRefuse {
  const docker = host ? `docker --host ${visible(host)}` : "docker";
  return new EnginesRefuse([
    `A restore of stack ${stack} is at work. Nothing was changed, because it may stop the primary and replace its data.`,
    `When it has ended, run '${command}' again. If you know that it was killed, '${docker} rm --force ${name}' ends what it left.`,
  ]);
}

/** Nothing is there to adopt. */
export function nothingToAdopt(stack: string): EnginesRefuse {
  return new EnginesRefuse([
    `There is nothing to adopt: the state of stack ${stack} knows its own containers and volumes, or there are none.`,
    `Run '${upCommand(stack)}' without --adopt.`,
  ]);
}

/** How a user brings a stack up. */
function upCommand(stack: string): string {
  return stack === "dev" ? "npm start" : `npm run pulumi -- up --stack ${stack}`;
}

const kinds = ["container", "network", "volume"] as const;

/** Things in words: their names, by kind. */
export function listed(things: readonly FoundThing[]): string {
  return kinds
    .map((kind) => ({
      kind,
      names: things.filter((one) => one.kind === kind).map(({ name }) => visible(name)),
    }))
    .filter(({ names }) => names.length > 0)
    .map(
      ({ kind, names }) => `the ${kind}${names.length > 1 ? "s" : ""} ${names.sort().join(", ")}`,
    )
    .join(" and ");
}
