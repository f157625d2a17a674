import { socketFolder } from "../../../contract/names";
import { shellQuote } from "../../../contract/quoting";
import type { Look } from "./look";
import { judgeJobs } from "./jobVerdicts";
import { type Judgement, operator, type Stack, type Verdict } from "./judgement";
import type { Part } from "./part";

/** A supervisor looks at its server at least this often. */
const supervisedMs = 35_000;

/** The states of our containers in which nothing is wrong yet. */
const begins = new Set(["starting", "waiting", "cloning", "verifying", "unknown"]);

/** Judges what was found, each part on its own and the external primary by what its standbys say. */
export function judge(looks: readonly Look[], stack: Stack): Verdict[] {
  const primary = stack.external && externalPrimary(looks, stack.external);
  const away = primary?.judgement === "degraded";
  const refused = !away && stack.refused;
  return [
    ...(refused ? [{ name: "primary", judgement: "failed", sentence: refused } as const] : []),
    ...(primary && !refused ? [primary] : []),
    ...looks.flatMap((look) => [
      judgePart(look, stack, { away, drilled: isDrilled(look, looks) }),
      ...judgeJobs(look, stack, away),
    ]),
  ];
}

/** Whether a drill holds replay: that of the agent on the same engine. */
function isDrilled({ part: { host } }: Look, looks: readonly Look[]): boolean {
  return looks.some(({ part, drillPauses }) => part.host === host && drillPauses);
}

/** What the other looks say about a part. */
interface Others {
  /** The external primary is away. */
  away: boolean;
  /** A drill holds replay on the standbys of this engine. */
  drilled: boolean;
}

/** The command that makes what is lost again. */
export function upCommand(stack: string): string {
  return stack === "dev" ? "npm start" : `npm run pulumi -- up --refresh --stack ${stack}`;
}

/** Docker, for the part's engine. */
export function docker({ host }: Pick<Part, "host">, words: string): string {
  return host === "" ? `docker ${words}` : `docker -H ${host} ${words}`;
}

const logs = (part: Part) => docker(part, `logs --tail 50 ${part.container}`);

function judgePart(look: Look, stack: Stack, others: Others): Verdict {
  const verdict = judgeNow(look, stack, others);
  const { part, restarts } = look;
  if (!restarts || verdict.judgement === "failed" || verdict.judgement === "waiting")
    return verdict;
  const often = restarts === 1 ? "once" : `${restarts} times`;
  // It may work until its next end.
  const sentence = `it ended by itself and was started again, ${often} by now, the last time a few seconds ago`;
  return { name: part.name, judgement: "waiting", sentence, next: logs(part) };
}

function judgeNow(look: Look, stack: Stack, others: Others): Verdict {
  const { part, found, health } = look;
  const say = (judgement: Judgement, sentence: string, next?: string, ageMs?: number): Verdict => ({
    name: part.name,
    judgement,
    sentence,
    ...(next ? { next } : {}),
    ...(ageMs ? { ageMs } : {}),
  });
  switch (found.kind) {
    case "missing":
      return say("failed", `there is no container ${part.container}`, upCommand(stack.name));
    case "unknown":
      return say("failed", `its engine does not answer: ${found.why}`, docker(part, "version"));
    case "frozen":
      return say("failed", "its processes are frozen", docker(part, `unpause ${part.container}`));
    case "ended": {
      const { restarting, outOfMemory, exitCode, why } = found;
      const code = outOfMemory ? "it had too little memory" : why || `exit code ${exitCode}`;
      return restarting
        ? say("failed", `it ends again and again after its start: ${code}`, logs(part))
        : say("failed", `it is stopped: ${code}`, upCommand(stack.name));
    }
    case "running":
      break;
  }
  const state = health?.status?.state ?? "";
  const detail = health?.status?.detail || state;
  if (part.kind === "standby" && look.standby) {
    const verdict = judgeStandby(look, stack, others);
    if (verdict) return say(...verdict);
  }
  if (!health) return say("failed", "its health check gave no answer", logs(part));
  if (health.healthy) {
    if (look.paused) {
      const next = operator("resume-pooler", stack.name);
      return say("degraded", "its clients wait, because it is paused", next);
    }
    return say("good", "");
  }
  if (begins.has(state) || state === "recloning") return say("waiting", detail, logs(part));
  // The scheduler's check needs its first minute.
  if (look.young && !health.status) return say("pending", "it has just started");
  return say("failed", detail || "its health check fails", logs(part));
}

/** What a standby's own server says, where that decides. */
function judgeStandby(
  { part, standby, health }: Look,
  stack: Stack,
  { away, drilled }: Others,
): [Judgement, string, string?, number?] | undefined {
  const { answers, inRecovery, paused, streaming, primary } = standby!;
  const state = health?.status?.state ?? "";
  const detail = health?.status?.detail ?? "";
  // Without an answer the supervisor knows more: it may be cloning.
  if (!answers)
    return health?.healthy ? ["failed", "its server gives no answer", logs(part)] : undefined;
  if (!inRecovery) {
    return [
      "failed",
      "it was promoted and follows no primary",
      operator(`rebuild ${part.name}`, stack.name),
    ];
  }
  if (paused && drilled) {
    return ["degraded", "a drill reads it, so its replay is paused for at most ten minutes"];
  }
  if (paused) {
    const resume = docker(
      part,
      `exec ${part.container} psql -h ${socketFolder("standby")} -U ${quoteWord(part.superuser)} -d template1 -c 'SELECT pg_wal_replay_resume()'`,
    );
    return ["failed", "its replay is paused, so it falls behind its primary", resume];
  }
  // Its supervisor said so a while ago, and a person may have resumed replay since.
  if (streaming) {
    return state === "stalled" ? ["failed", detail, logs(part), supervisedMs] : undefined;
  }
  if (begins.has(state) || state === "recloning" || state === "blocked") return undefined;
  if (primary === "silent") {
    const words = "its primary does not answer; it serves reads of what it has";
    return away ? ["degraded", words] : ["failed", words, logs(part)];
  }
  if (primary === "rejects") return ["waiting", "its primary is starting or stopping", logs(part)];
  return [
    "failed",
    detail && state !== "running" ? detail : "nothing streams from its primary, which answers",
    logs(part),
  ];
}

/** An external primary, as its standbys see it: it sleeps when none of them reaches it. */
function externalPrimary(
  looks: readonly Look[],
  { host, port }: { host: string; port: number },
): Verdict | undefined {
  const standbys = looks.flatMap(({ standby }) => (standby?.answers ? [standby] : []));
  const name = "primary";
  if (standbys.length === 0) return undefined;
  if (standbys.some(({ streaming, primary }) => streaming || primary === "accepts")) {
    return { name, judgement: "good", sentence: "" };
  }
  if (standbys.some(({ primary }) => primary === "rejects")) {
    const sentence = `${host}:${port} is starting or stopping`;
    return { name, judgement: "waiting", sentence };
  }
  const sentence = `${host}:${port} does not answer: it sleeps, is off, or has another address. What needs it goes on when it is back`;
  return { name, judgement: "degraded", sentence };
}

function quoteWord(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : shellQuote(text);
}
