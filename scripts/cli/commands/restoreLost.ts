import { containerName } from "../../../contract/names";
import type * as Lost from "../lost/lostPrimary";
import type * as Restores from "../lost/lostRestore";
import { holdingExpire } from "../restore/holdExpire";
import type { Session } from "../session";
import { hasContainer } from "../stack/exportedState";
import { backingUp, primaryOf, upCommand } from "../stack/outputs";
import { CliError } from "../terminal/cliError";
import { seconds } from "../terminal/format";
import type { RestoreCommandOptions } from "./restorePlan";
import { planOnly, planText } from "./restorePlanText";

/**
 * The stack's primary where it is gone: on a new machine, or after its volume was lost. Undefined where its container
 * is there, and where Laterbase does not run it.
 */
export async function lostPrimaryOf(
  session: Session,
  find: typeof Lost.lostPrimary = findLost,
): Promise<Lost.LostPrimary | undefined> {
  const { servers, stack } = session;
  const outputs = await session.stackOutputs().catch((error: Error) => {
    // A stack that is not up has none.
    if (error instanceof CliError) return undefined;
    throw error;
  });
  const primary = outputs && primaryOf(outputs);
  if (outputs && (!primary || (await servers.isThere(primary)))) return undefined;
  return find(stack);
}

// Both need the configuration's schemas, which take a while to load.
/* eslint-disable @typescript-eslint/no-require-imports -- loaded late, in CommonJS */
const findLost: typeof Lost.lostPrimary = (...call) =>
  (require("../lost/lostPrimary") as typeof Lost).lostPrimary(...call);
const restores = () => require("../lost/lostRestore") as typeof Restores;
/* eslint-enable @typescript-eslint/no-require-imports */

/**
 * Restores the data of a primary that is gone into its volume. The next `up` starts a server on them, which replays the
 * WAL. Nothing is overwritten: a volume with data is refused.
 */
export async function restoreLost(
  session: Session,
  found: Lost.LostPrimary,
  { port, database, ...options }: RestoreCommandOptions,
): Promise<void> {
  if (port !== undefined || database !== undefined) {
    throw new CliError(
      "The primary is gone, so there is nothing beside it: leave out --port and --database.",
      2,
    );
  }
  const work = () => restoreFound(session, found, options);
  return (await hasAgent(session)) ? holdingExpire(session, work) : work();
}

/** Whether the stack's agent is there, which may remove what the restore reads. */
async function hasAgent(session: Session): Promise<boolean> {
  try {
    const { agent } = backingUp(session.stack, await session.stackOutputs());
    return await session.servers.isThere(agent);
  } catch {
    // A stack that is not up has none.
    return false;
  }
}

async function restoreFound(
  session: Session,
  found: Lost.LostPrimary,
  { dryRun = false, repo, ...options }: RestoreCommandOptions,
): Promise<void> {
  const lostRestore = restores();
  const { terminal, signal = new AbortController().signal } = session;
  const say = (turn: string) => terminal.progress(turn);
  say("The primary has no container. Reading its repositories.");
  const image = await lostRestore.images(found, say, signal);
  const begun = performance.now();
  const made = await lostRestore.makeVolumes(found);
  let kept = false;
  try {
    const lost = await lostRestore.withOwnStore(found, image);
    const container = await lostRestore.openContainer(lost, image, say);
    try {
      const plan = await lostRestore.planned(
        container,
        lost,
        { ...options, repo, inPlace: true },
        say,
      );
      const shown = { ...plan, stops: [] };
      if (dryRun) return session.show(shown, () => `${planText(shown)}\n${planOnly}`);
      say(planText(shown));
      await lostRestore.refuseSmallVolume(container, plan, lost);
      session.stopIfInterrupted("nothing was restored");
      kept = true;
      await lostRestore.configure(lost, image);
      await lostRestore.restoreInto(container, lost, plan, say, signal);
    } finally {
      await container.close();
    }
  } finally {
    await lostRestore.removeMade(found, kept ? [] : made);
  }
  const taken = (performance.now() - begun) / 1000;
  const { volumes } = found;
  const up = await nextUp(session, found);
  session.show({ volume: volumes.data, seconds: taken, next: up }, () =>
    [
      `The data are in the volume ${volumes.data}; it took ${seconds(taken)}. No server runs on them yet.`,
      `'${up}' starts the primary, which replays the WAL up to the target, and then everything else.`,
    ].join("\n"),
  );
}

/**
 * What starts the server on the restored data. A state that has the primary's container has to see that it is gone,
 * which `npm start` does by itself. Any other one takes over what the data have recorded.
 */
export async function nextUp(
  session: Pick<Session, "stackState">,
  { stack, prefix }: Pick<Lost.LostPrimary, "stack" | "prefix">,
): Promise<string> {
  const name = containerName(prefix, "primary");
  const isRecorded = await session.stackState().then(
    ({ state }) => hasContainer(state, name),
    () => false,
  );
  const isDev = stack === "dev";
  if (isRecorded) return `${upCommand(stack)}${isDev ? "" : " --refresh"}`;
  return `${upCommand(stack)}${isDev ? " --" : ""} --adopt`;
}
