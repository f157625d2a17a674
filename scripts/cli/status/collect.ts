import type Dockerode from "dockerode";
import type { AgentOverview } from "../../../contract/agentOverview";
import type {
  PoolerFacts,
  PrimaryFacts,
  Seen,
  StackFacts,
  StandbyFacts,
} from "../../../contract/health/facts";
import type { HealthReport } from "../../../contract/health/report";
import { connect } from "../../engine/connect";
import { execIn } from "../../engine/exec";
import { isUnreachable, unreachable } from "../../engine/unreachable";
import { poolsScript, readPools } from "../../pooler";
import { type ContainerLook, inTime, lookAtContainer } from "../parts/containerLook";
import { type Part, partsAmong } from "../parts/part";
import { askAgent } from "../servers/askAgent";
import { askMonitor } from "../servers/monitor";
import { resourcesOf } from "../stack/exportedState";
import { NeedsSetUp } from "../stack/pulumi";
import type { StackState } from "../stack/stackState";
import type { SuperuserLogin } from "../stack/superuser";
import { CliError } from "../terminal/cliError";
import { askExternal, primaryFacts } from "./external";
import { primaryScript, readDisk, readPrinted, standbyScript } from "./scripts";

/** How long one container may take to answer. All are asked at the same time. */
const patienceMs = 6000;

/** What is known of a stack, and of each of its containers. */
export interface Collected {
  looks: ContainerLook[];
  facts: StackFacts;
  /** What the stack's monitor says. Absent without one. */
  monitor?: Seen<HealthReport>;
}

/** Asks everything at the same time, each over one session. What does not answer hides nothing else. */
export async function collect(
  known: StackState,
  superuser: () => Promise<SuperuserLogin>,
): Promise<Collected> {
  const parts = partsAmong(resourcesOf(known.state));
  const engines = new Map(
    [...new Set(parts.map(({ host }) => host))].map((host) => [host, engineAt(host)]),
  );
  await answering(engines);
  const { primary, standbys = {} } = known.plain;
  const major = typeof primary?.version === "number" ? primary.version : 13;
  const place = { engines, major, known, superuser };
  const looking = Promise.all(
    parts.map((part) => lookAtContainer(engines.get(part.host)!, part, patienceMs)),
  );
  const of = (kind: Part["kind"]) => parts.find((part) => part.kind === kind);
  const [own, pooler, agent, health] = [of("primary"), of("pooler"), of("agent"), of("health")];
  const [primarySeen, standbysSeen, poolerSeen, agentSeen, monitor, looks] = await Promise.all([
    own ? seePrimary(place, own) : seeExternal(place, looking),
    Promise.all(
      parts
        .filter(({ kind }) => kind === "standby")
        .map(async (part) => [part.name, await seeStandby(place, part)] as const),
    ),
    pooler && seePooler(place, pooler),
    agent && seeAgent(place, agent),
    health && seeMonitor(place, health),
    looking,
  ]);
  for (const look of looks) addStandby(look, new Map(standbysSeen).get(look.part.name));
  return {
    looks,
    ...(monitor ? { monitor } : {}),
    facts: {
      ...{ at: new Date().toISOString(), managed: own !== undefined },
      primary: primarySeen,
      standbys: Object.fromEntries(standbysSeen.map(([name, seen]) => [name, factsOf(seen)])),
      slots: Object.fromEntries(Object.entries(standbys).map(([name, { slot }]) => [name, slot])),
      ...(poolerSeen ? { pooler: poolerSeen } : {}),
      ...(agentSeen ? { agent: agentSeen } : {}),
    },
  };
}

interface Place {
  engines: ReadonlyMap<string, Dockerode>;
  major: number;
  known: StackState;
  /** The login on an external primary. It may take a while to read. */
  superuser: () => Promise<SuperuserLogin>;
}

const engineAt = (host: string) => connect(host ? { host } : {});

/** @throws CliError where no engine answers at all: a table of nothing would help nobody */
async function answering(engines: ReadonlyMap<string, Dockerode>): Promise<void> {
  const tried = await Promise.all(
    [...engines].map(async ([host, engine]) => {
      try {
        await inTime(engine.ping(), patienceMs);
        return undefined;
      } catch (error) {
        return isUnreachable(error) || engines.size === 1
          ? unreachable(host, error as Error)
          : undefined;
      }
    }),
  );
  const [first] = tried;
  if (first !== undefined && tried.every((sentence) => sentence !== undefined))
    throw new CliError(first);
}

/** What a script in a container prints, or why it cannot run there. */
async function printedBy(
  { engines }: Place,
  { host, container }: Part,
  script: string,
): Promise<Seen<{ text: string }>> {
  const signal = AbortSignal.timeout(patienceMs);
  try {
    const run = execIn(engines.get(host)!, container, ["bash", "-s"], script, signal);
    const { stdout, code } = await inTime(run, patienceMs);
    return code === 137 && stdout === ""
      ? { unknown: "It stopped while it was asked." }
      : { text: stdout };
  } catch (error) {
    return { unknown: whyNot(container, error as Error) };
  }
}

function whyNot(container: string, error: Error & { statusCode?: number }): string {
  if (error.statusCode === 404) return `There is no container ${container}.`;
  if (error.statusCode === 409) return `${container} is not running.`;
  return `${container} did not answer: ${error.message.trim().split("\n")[0]!.replace(/\.$/, "")}.`;
}

async function seePrimary(place: Place, part: Part): Promise<Seen<PrimaryFacts>> {
  const seen = await printedBy(place, part, primaryScript(place.major, part.superuser));
  if ("unknown" in seen) return seen;
  const { json, lines } = readPrinted(seen.text);
  const disk = readDisk(lines["disk"], part.name);
  return { ...primaryFacts(json), ...(disk ? { disk } : {}) };
}

/** From the first container that reaches an external primary, as its standbys do. */
async function seeExternal(
  { engines, major, known, superuser }: Place,
  looking: Promise<ContainerLook[]>,
): Promise<Seen<PrimaryFacts>> {
  const { primary } = known.plain;
  const looks = await looking;
  const from = looks.find(({ part, found }) => part.kind === "standby" && found.kind === "running");
  if (!from) return { unknown: "No standby runs from which it could be asked." };
  try {
    const { name, password = "" } = await superuser();
    return await askExternal({
      ...{ engine: engines.get(from.part.host)!, container: from.part.container },
      host: from.env["PRIMARY_HOST"] || primary?.host || "",
      port: Number(from.env["PRIMARY_PORT"] || primary?.port || 5432),
      ...{ version: major, superuser: name, password },
    });
  } catch (error) {
    // The command starts again, with the CLI that reads the password.
    if (error instanceof NeedsSetUp) throw error;
    return { unknown: (error as Error).message };
  }
}

/** What a standby's server says, and how its primary answers there: pg_isready's exit code. */
type SeenStandby = Seen<{ facts: Seen<StandbyFacts>; primary: string | undefined }>;

async function seeStandby(place: Place, part: Part): Promise<SeenStandby> {
  const seen = await printedBy(place, part, standbyScript(place.major, part.superuser));
  if ("unknown" in seen) return seen;
  const { json, lines } = readPrinted(seen.text);
  const disk = readDisk(lines["disk"], part.name);
  const facts: Seen<StandbyFacts> =
    "inRecovery" in json
      ? ({ ...json, ...(disk ? { disk } : {}) } as unknown as StandbyFacts)
      : { unknown: "Its server gives no answer." };
  return { facts, primary: lines["primary"] };
}

const factsOf = (seen: SeenStandby): Seen<StandbyFacts> => {
  if ("unknown" in seen) return seen;
  const { facts, primary } = seen;
  if ("unknown" in facts) return facts;
  // A stream looks alive for a minute after its other end has gone.
  return { ...facts, streaming: facts.streaming && (primary === "0" || primary === "1") };
};

/** For the verdict on a container: it knows what a sleeping primary means. */
function addStandby(look: ContainerLook, seen: SeenStandby | undefined): void {
  if (!seen || "unknown" in seen || look.part.kind !== "standby") return;
  const facts = factsOf(seen);
  const answers = !("unknown" in facts);
  look.standby = {
    answers,
    inRecovery: answers && facts.inRecovery,
    paused: answers && facts.paused,
    streaming: answers && facts.streaming,
    primary: seen.primary === "0" ? "accepts" : seen.primary === "1" ? "rejects" : "silent",
  };
}

async function seePooler(place: Place, part: Part): Promise<Seen<PoolerFacts>> {
  const seen = await printedBy(place, part, poolsScript);
  if ("unknown" in seen) return seen;
  return readPools(seen.text) ?? { unknown: "PgBouncer does not answer." };
}

async function seeAgent(
  place: Place,
  { container: name, host }: Part,
): Promise<Seen<AgentOverview>> {
  const agent = host ? { name, host } : { name };
  try {
    return await inTime(
      askAgent<AgentOverview>(agent, "overview", {}, () => undefined),
      patienceMs,
    );
  } catch (error) {
    // An agent of an earlier release does not know the question, and gives no code that says so.
    const { message } = error as Error;
    return { unknown: `${message} An agent of an earlier release is replaced by the next up.` };
  }
}

async function seeMonitor(
  { engines }: Place,
  { host, container }: Part,
): Promise<Seen<HealthReport>> {
  const signal = AbortSignal.timeout(patienceMs);
  try {
    return await inTime(askMonitor(engines.get(host)!, container, signal), patienceMs);
  } catch (error) {
    if (error instanceof CliError) return { unknown: error.message };
    return { unknown: whyNot(container, error as Error) };
  }
}
