import { setTimeout as sleep } from "node:timers/promises";
import type Dockerode from "dockerode";
import type * as Engine from "../../engine/connect";
import { stubDockerode } from "../../patches/dockerodeStubs";
import type { Output } from "../output";
import type { Known } from "../plan";
import { type Look, lookAt } from "../../cli/parts/look";
import { partsOf } from "./part";
import type { Part } from "../../cli/parts/part";
import { firstResults } from "../../cli/parts/jobVerdicts";
import type { Judgement, Stack, Verdict } from "../../cli/parts/judgement";
import { judge } from "../../cli/parts/verdict";

/** How long a part that starts may take to be there, a first dump or backup, and a part that seems bad. */
const patienceMs: Readonly<Record<Judgement, number>> = {
  waiting: 30_000,
  pending: 20_000,
  failed: 3000,
  degraded: 0,
  good: 0,
};

export interface LookOptions {
  /** Looks once, and does not wait for what starts. */
  once: boolean;
  signal: AbortSignal;
}

/**
 * Looks at every part of a stack that runs, and waits a little for what starts.
 *
 * @returns a verdict for each part
 */
export async function lookAtParts(
  plan: Known,
  stackName: string,
  output: Pick<Output, "now">,
  { once, signal }: LookOptions,
): Promise<Verdict[]> {
  const parts = partsOf(plan.resources);
  const refused = plan.primaryReport?.why === "refused" ? plan.primaryReport.sentence : undefined;
  const stack = { ...stackOf(stackName, plan.outputs ?? {}), ...(refused ? { refused } : {}) };
  const major = majorOf(plan.outputs ?? {});
  const began = Date.now();
  for (;;) {
    const verdicts = judge(await lookAtAll(parts, major), stack);
    const took = Date.now() - began;
    const open = verdicts.filter((one) => isWaitedFor(one) && took < patienceFor(one));
    if (once || open.length === 0 || signal.aborted) return verdicts;
    output.now(
      `  waiting for ${open.map(({ name, sentence }) => `${name} (${sentence})`).join(", ")}`,
    );
    await sleep(500);
  }
}

function patienceFor({ judgement, ageMs = 0 }: Verdict): number {
  return Math.max(patienceMs[judgement], ageMs);
}

/** The scheduler says for a whole minute that it has just started. */
function isWaitedFor({ judgement, name }: Verdict): boolean {
  return judgement !== "pending" || name in firstResults;
}

async function lookAtAll(parts: readonly Part[], major: number): Promise<Look[]> {
  stubDockerode();
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded after the stubs
  const { connect } = require("../../engine/connect") as typeof Engine;
  const engines = new Map<string, Dockerode>();
  return Promise.all(
    parts.map((part) => {
      const engine = engines.get(part.host) ?? connect(part.host ? { host: part.host } : {});
      engines.set(part.host, engine);
      return lookAt(engine, part, major);
    }),
  );
}

interface KnownOutputs {
  primary?: { host?: unknown; port?: unknown; version?: unknown; container?: unknown };
  backups?: { dumps?: { source?: unknown }; repositories?: unknown[] };
}

/** What the verdicts need of the stack's outputs. */
export function stackOf(name: string, outputs: KnownOutputs): Stack {
  const { primary, backups } = outputs;
  const external =
    primary && typeof primary.container !== "string" && typeof primary.host === "string"
      ? { host: primary.host, port: Number(primary.port ?? 5432) }
      : undefined;
  const dumpsFrom = backups?.dumps?.source === "primary" ? "primary" : "standby";
  return {
    name,
    ...(backups?.dumps ? { dumpsFrom } : {}),
    ...((backups?.repositories ?? []).length > 0 ? { backsUp: true } : {}),
    ...(external ? { external } : {}),
  };
}

/** Settings of a session that this major does not know are not stated. */
function majorOf({ primary }: KnownOutputs): number {
  return typeof primary?.version === "number" ? primary.version : 13;
}
