import type { HealthConfig, NotifyTarget, PingedJob } from "../../../../contract/health/config";
import type { Undelivered } from "../../../../contract/health/facts";
import { codeOf } from "../../kit/failure";
import { Deliveries } from "../kit/deliveries";
import type { Listener } from "../kit/snapshot";
import { Pinger } from "../pings/pinger";
import { changesOf, nothingTold, type Told } from "./changes";
import { type Message, together } from "./message";
import { type KeptState, readState, writeState } from "./stateFile";
import { send, targetName } from "./targets";
import { testTargets } from "./test";
import type { TestResult } from "../../../../contract/health/notifyTest";

export interface NotifierOptions {
  config: Pick<HealthConfig, "stack" | "timeZone">;
  /** In order. Messages name a target by its place. */
  targets: readonly NotifyTarget[];
  /** The address of each job that is pinged. */
  pings: Partial<Record<PingedJob, string>>;
  /** Where what was said is kept. */
  folder: string;
  log: (sentence: string) => void;
  /** How long one attempt may take, in milliseconds. Default: 15 seconds. */
  timeoutMs?: number;
  /** How long to wait after each failure, in milliseconds. Default: 10 seconds at first, and then up to an hour. */
  waits?: readonly number[];
}

export interface Notifier {
  note: Listener;
  /** Sends a test message through each target at once. */
  test(): Promise<TestResult[]>;
  /** The targets and pings that were not reached last, and the code of why. */
  problems(): Undelivered[];
  /** Ends what is under way. What did not arrive is sent by the next run. */
  stop(): Promise<void>;
}

/** Says what changed to people, and of each run of a job to the service that waits for it. */
export function notifier(options: NotifierOptions): Notifier {
  const { config, targets, folder, log, timeoutMs = 15_000 } = options;
  const kept = readState(folder);
  let told: Told = kept ? toldTo(targets.map(targetName), kept) : nothingTold;
  const keeping = keeper(folder, log, () => ({
    ...{ version: 1, told },
    targets: Object.fromEntries(outboxes.map(({ name, box }) => [name, box.state()])),
    pings: pinger.state(),
  }));
  const common = { changed: keeping, log, ...(options.waits ? { waits: options.waits } : {}) };
  const outboxes = targets.map((target, index) => {
    const name = targetName(target, index);
    const deliver = (message: Message, signal: AbortSignal) =>
      send(target, message, config.timeZone, timeoutMs, signal);
    const box = new Deliveries<Message>(
      { name, send: deliver, bound: asOne, ...common },
      kept?.targets[name],
    );
    return { name, box };
  });
  const pinger = new Pinger({ pings: options.pings, timeoutMs, ...common }, kept?.pings);
  const boxes = outboxes.map(({ box }) => box);
  const note: Listener = async (now) => {
    const before = told;
    const { told: next, message } = changesOf(config.stack, told, now);
    told = next;
    if (message) for (const box of boxes) box.add(message);
    const pinged = pinger.note(now);
    // Kept before it is sent: a run that is killed in between sends it again, and never loses it.
    if (message || pinged || JSON.stringify(before) !== JSON.stringify(next)) await keeping();
    for (const box of boxes) box.go();
    pinger.go();
  };
  return {
    note,
    test: () => testTargets({ config, targets, timeoutMs }),
    problems: () => [
      ...outboxes.flatMap(({ name: target, box }) => {
        const code = box.problem();
        return code === undefined ? [] : [{ target, code }];
      }),
      ...pinger.problems(),
    ],
    stop: async () => {
      await Promise.all([...boxes.map((box) => box.stop()), pinger.stop()]);
      await keeping();
    },
  };
}

/** Who is new was told nothing: what is not good is said again with the first look. */
export function toldTo(
  targets: readonly string[],
  { told, targets: known }: Pick<KeptState, "told" | "targets">,
): Told {
  const isNew = targets.some((name) => !(name in known));
  return isNew ? { ...told, at: new Date(0).toISOString() } : told;
}

/** What waits becomes one message, so that a target that was away for a day gets no flood. */
function asOne(waiting: readonly Message[]): Message[] {
  return waiting.length < 2 ? [...waiting] : [waiting.reduce(together)];
}

/** Writes the newest state, one write at a time. What cannot be written is said once. */
function keeper(
  folder: string,
  log: (sentence: string) => void,
  state: () => KeptState,
): () => Promise<void> {
  let last = Promise.resolve();
  let said = false;
  const write = async () => {
    try {
      await writeState(folder, state());
      said = false;
    } catch (error) {
      if (!said) {
        const code = codeOf(error) ?? "EFAILED";
        log(`what was said cannot be kept (${code}), so a restart may say it again.`);
      }
      said = true;
    }
  };
  return () => (last = last.then(write));
}
