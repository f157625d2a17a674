import {
  containerName,
  restoreContainers,
  restoreWork,
  serverVolumes,
  stackPrefix,
} from "../../../contract/names";
import { foundOn, type FoundThing } from "../engines/found";
import { engineType, type Recorded, type Exported, kindOf, recordedIn } from "../engines/recorded";
import { isBlank, judge } from "./judge";
import { inTheWay, lostState, nothingToAdopt, restoreAtWork, unasked } from "./refusals";

/** What this reads of a step of a preview. */
export interface PlannedThing {
  op: string;
  type: string;
  new?: { inputs: Record<string, unknown> };
}

interface LookArgs {
  project: string;
  stack: string;
  /** The state before the run, as `pulumi stack export` prints it. */
  state: Exported;
  /** The steps of the preview. Undefined without one. */
  steps: readonly PlannedThing[] | undefined;
  /** Whether the user asked to adopt what a lost state left. */
  adopt: boolean;
  /**
   * Whether the run changes something. Then an empty state counts as a new one only where each engine was asked. Default:
   * it is a preview.
   */
  runs?: boolean;
}

/** What a run has to take away before it begins. */
export interface EngineLook {
  recorded: Recorded;
  /** Containers and networks of this stack that its state does not know. */
  remove: FoundThing[];
  /** Whether a lost state is replaced. */
  adopts: boolean;
}

/**
 * Looks at the engines before a run: what of this stack is there that its state does not know? Nothing is
 * changed.
 *
 * @throws EnginesRefuse where the run must not go on
 */
export async function lookAtEngines(args: LookArgs): Promise<EngineLook> {
  const { stack, steps = [], adopt } = args;
  const recorded = recordedIn(args.state);
  const planned = steps
    .filter(({ type }) => type === engineType)
    .map((step) => inputOf(step, "host"));
  const known = [...recorded.hosts, ...planned];
  // Without a preview, an empty state names no engine: then it is the default one.
  const hosts = known.length > 0 || args.steps ? known : [""];
  // Without a preview the engine is only a guess.
  const needed = args.runs && args.steps !== undefined && isBlank(recorded);
  const found = await foundOnAll(hosts, args, needed ? neededMs : limitMs);
  const silent = [...new Set(hosts)].filter((host) => !found.has(host));
  if (needed && silent.length > 0) throw unasked(silent, stack);
  const all = [...found.values()].flat();
  const work = restoreOf(all, stackPrefix(args.project, stack));
  if (args.runs && work) throw restoreAtWork(stack, work);
  const { halfMade, unknown, blank } = judge(all, recorded);
  if (blank && unknown.length > 0) {
    if (!adopt) throw lostState(unknown, stack);
    return { recorded, remove: unknown.filter(isReplaceable), adopts: true };
  }
  if (adopt) {
    if (!hasDataAlone(all, recorded, stackPrefix(args.project, stack))) throw nothingToAdopt(stack);
    return { recorded, remove: [], adopts: true };
  }
  const wanted = new Set(
    steps.filter(isMade).map((step) => `${kindOf(step.type)} ${inputOf(step, "name")}`),
  );
  const obstacles = unknown.filter(
    (thing) => isReplaceable(thing) && wanted.has(`${thing.kind} ${thing.name}`),
  );
  if (obstacles.length > 0) throw inTheWay(obstacles, stack);
  // A restore and a restored server are the operator's. Only destroy takes them away.
  const { project } = args;
  const theirs = restoreContainers(stackPrefix(project, stack));
  return { recorded, remove: halfMade.filter(({ name }) => !theirs.includes(name)), adopts: false };
}

/**
 * What this stack made on its engines and its state does not know: `destroy` would leave it. Nothing is
 * changed.
 */
export async function halfMadeOf(
  args: Pick<LookArgs, "project" | "stack" | "state">,
): Promise<FoundThing[]> {
  const recorded = recordedIn(args.state);
  const found = await foundOnAll(recorded.hosts, args, limitMs);
  return judge([...found.values()].flat(), recorded).halfMade;
}

/** The container of a restore that is at work on the primary's own data. One beside the primary leaves them alone. */
export function restoreOf(found: readonly FoundThing[], prefix: string): FoundThing | undefined {
  const { data } = serverVolumes(prefix, "primary");
  return found.find(
    ({ name, running, volumes = [] }) =>
      name === containerName(prefix, restoreWork) && running && volumes.includes(data),
  );
}

/** How long an engine has where the run itself tells what it needs of it, and where nobody else would. */
const limitMs = 5000;
const neededMs = 30_000;

/** What each engine has. One that does not answer is left out. */
async function foundOnAll(
  hosts: readonly string[],
  { project, stack }: Pick<LookArgs, "project" | "stack">,
  milliseconds: number,
): Promise<Map<string, FoundThing[]>> {
  const name = { prefix: stackPrefix(project, stack), stack };
  const found = await Promise.all(
    [...new Set(hosts)].map(
      async (host) => [host, await inTime(foundOn(host, name), milliseconds)] as const,
    ),
  );
  return new Map(found.flatMap(([host, things]) => (things ? [[host, things]] : [])));
}

/**
 * Whether a primary's data are there without its container: they were restored, or a run ended before the container
 * was made. The data may have recorded an earlier owner.
 */
function hasDataAlone(found: readonly FoundThing[], { things }: Recorded, prefix: string): boolean {
  const primary = containerName(prefix, "primary");
  const there = (kind: FoundThing["kind"], name: string) =>
    [...found, ...things].some((one) => one.kind === kind && one.name === name);
  return there("volume", serverVolumes(prefix, "primary").data) && !there("container", primary);
}

/** A volume has data, and to make it again means to use it. */
const isReplaceable = ({ kind }: FoundThing) => kind !== "volume";

const isMade = ({ op }: PlannedThing) => ["create", "replace", "create-replacement"].includes(op);

function inputOf({ new: made }: PlannedThing, key: string): string {
  const value = made?.inputs[key];
  return typeof value === "string" ? value : "";
}

function inTime(
  found: Promise<FoundThing[]>,
  milliseconds: number,
): Promise<FoundThing[] | undefined> {
  const limit = new Promise<undefined>((resolve) => {
    setTimeout(resolve, milliseconds, undefined).unref();
  });
  return Promise.race([found.catch(() => undefined), limit]);
}
