import type Docker from "dockerode";
import { visible } from "../../../contract/visible";
import { connect } from "../../engine/connect";
import { inspected, untilItWorks } from "./health";
import { recreate, saveContainer, type SavedContainer } from "./saved";

/** How long a new container may take before the old one is made again. */
const replacementPatienceMs = 30_000;
/** How long a container that was made again may take until it works. */
const recoveryPatienceMs = 60_000;

/** Reads containers that a run will take away, before the run. One that is gone already is left out. */
export async function saveContainers(
  containers: readonly { host: string; id: string; urn: string }[],
): Promise<(SavedContainer & { urn: string })[]> {
  const engines = new Map<string, Docker>();
  const engineAt = (host: string) => {
    const engine = engines.get(host) ?? connect({ host });
    engines.set(host, engine);
    return engine;
  };
  const saved = await Promise.all(
    containers.map(async ({ host, id, urn }) => {
      const one = await saveContainer(engineAt(host), id);
      return one ? [{ ...one, urn }] : [];
    }),
  );
  return saved.flat();
}

/** What became of one container after a run that failed. */
export interface Recovered {
  name: string;
  /** Whether the container that ran before the run runs again and works. */
  works: boolean;
  /** One sentence for people. */
  sentence: string;
}

/**
 * After a run that failed: makes each saved container again whose replacement is not there or does not
 * work, and starts each that was only stopped. A replacement that works stays.
 *
 * @param say gets a sentence when something begins that takes time
 */
export async function recoverContainers(
  saved: readonly SavedContainer[],
  say: (sentence: string) => void,
): Promise<Recovered[]> {
  const all: Recovered[] = [];
  // One after the other: a container needs those that come before it.
  for (const one of saved) {
    const recovered = await recoverOne(one, say).catch((error: Error): Recovered => ({
      name: one.name,
      works: false,
      sentence: `${one.name} is gone, and the container that ran before cannot be made again: ${visible(error.message)}.`,
    }));
    if (recovered) all.push(recovered);
  }
  return all;
}

async function recoverOne(
  saved: SavedContainer,
  say: (sentence: string) => void,
): Promise<Recovered | undefined> {
  const { engine, name, info, ran } = saved;
  const now = await inspected(engine.getContainer(name));
  if (now?.Id === info.Id) {
    if (now.State.Running || !ran) return undefined;
    await engine.getContainer(name).start();
    return reportOn(saved, `${name} was stopped and not replaced. It runs again`);
  }
  let why = "was removed, and its replacement was not made";
  if (now) {
    const condition = await untilItWorks(engine, name, replacementPatienceMs);
    if (condition.verdict !== "fails") return undefined;
    // One that did not work before either would help nobody.
    if (!saved.worked) return undefined;
    why = `was replaced, and the new container does not work: ${visible(condition.said)}`;
    const grace = now.Config as { StopTimeout?: number };
    await engine
      .getContainer(now.Id)
      .stop({ t: grace.StopTimeout ?? 10 })
      .catch(() => undefined);
    await engine.getContainer(now.Id).remove({ force: true, v: false });
  }
  say(`${name} ${why}. The container that ran before is made again.`);
  await recreate(saved);
  return reportOn(saved, `${name} runs again as before, with its settings, files and data`);
}

/** @param begin the sentence about a container that works, without its full stop */
async function reportOn(saved: SavedContainer, begin: string): Promise<Recovered> {
  const { engine, name, ran } = saved;
  if (!ran) return { name, works: true, sentence: `${name} is there again, stopped as before.` };
  const { verdict, said } = await untilItWorks(engine, name, recoveryPatienceMs);
  if (verdict !== "fails") return { name, works: true, sentence: `${begin}.` };
  return {
    name,
    works: false,
    sentence: `${name} was made again as before, and it does not work: ${visible(said)}.`,
  };
}
