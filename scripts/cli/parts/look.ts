import type Dockerode from "dockerode";
import { agentPaths, drillPausedNote } from "../../../contract/agentPaths";
import { socketFolder } from "../../../contract/names";
import { shellQuote } from "../../../contract/quoting";
import { sessionOptions } from "../../../contract/sessionSettings";
import { execIn } from "../../engine/exec";
import { parseStatus, type Status } from "../../engine/status";
import type { Part } from "./part";

/** What a look at one part has found. */
export interface Look {
  part: Part;
  found:
    | { kind: "running" }
    /** The engine has no such container. */
    | { kind: "missing" }
    /** It does not run, or it is started again and again. */
    | { kind: "ended"; exitCode: number; restarting: boolean; outOfMemory: boolean; why: string }
    /** Its processes are frozen, by `docker pause`. */
    | { kind: "frozen" }
    /** The engine does not answer. */
    | { kind: "unknown"; why: string };
  /** What its own health check says. Absent where it could not be asked. */
  health?: { healthy: boolean; status?: Status };
  /** How often it has ended by itself and was started again, where the last time is seconds ago. */
  restarts?: number;
  /** Whether it is so young that Docker gives it time for its health check. */
  young?: boolean;
  standby?: StandbyLook;
  /** The agent's records of its last runs. Absent where there was none. */
  jobs?: Partial<Record<LookedJob, JobLook>>;
  /** Whether a drill of this agent holds replay on the standby of its engine. */
  drillPauses?: boolean;
  /** Whether the pooler's clients wait. */
  paused?: boolean;
}

/** The jobs whose last runs are read, by the names of their records. */
export const lookedJobs = [
  ...(["dump", "upload", "backup-full", "backup-diff", "backup-incr"] as const),
  ...(["check-backups", "verify-backups"] as const),
] as const;

type LookedJob = (typeof lookedJobs)[number];

/** How the last run of a job ended. */
export interface JobLook {
  result: string;
  detail: string;
  /** When it ended. */
  at: string;
}

/** What a standby's own server says. */
export interface StandbyLook {
  /** Whether its server answers. */
  answers: boolean;
  inRecovery: boolean;
  paused: boolean;
  streaming: boolean;
  /** How its primary answers now, by pg_isready's exit code. */
  primary?: "accepts" | "rejects" | "silent";
}

/** How long one part may take to answer. */
const limitMs = 5000;

/** Looks at one part: its container, its health check, and what only its kind has. */
export async function lookAt(engine: Dockerode, part: Part, major: number): Promise<Look> {
  const container = engine.getContainer(part.container);
  const signal = AbortSignal.timeout(limitMs);
  let inspected: Dockerode.ContainerInspectInfo;
  try {
    inspected = await inTime(container.inspect({ abortSignal: signal } as object), signal);
  } catch (error) {
    const { statusCode, message } = error as Error & { statusCode?: number };
    return statusCode === 404
      ? { part, found: { kind: "missing" } }
      : { part, found: { kind: "unknown", why: message } };
  }
  const { State, Config } = inspected;
  if (!State.Running || State.Restarting) {
    const { ExitCode: exitCode, OOMKilled, Error: why } = State;
    const restarting = State.Restarting;
    return { part, found: { kind: "ended", exitCode, restarting, outOfMemory: OOMKilled, why } };
  }
  if (State.Paused) return { part, found: { kind: "frozen" } };
  const look: Look = { part, found: { kind: "running" } };
  if (State.Health?.Status === "starting") look.young = true;
  const restarts = recentRestarts(inspected, Date.now());
  if (restarts > 0) look.restarts = restarts;
  const test = (Config as { Healthcheck?: { Test?: string[] } }).Healthcheck?.Test ?? [];
  const words = test[0] === "CMD" ? test.slice(1) : ["/bin/sh", "-c", test[1] ?? "true"];
  const ask = (cmd: string[], input = "") =>
    inTime(execIn(engine, part.container, cmd, input, signal), signal).catch(() => undefined);
  const [health, own] = await Promise.all([
    test[0] === "NONE" || test.length === 0 ? undefined : ask(words),
    scriptOf[part.kind] && ask(["bash", "-s"], scriptOf[part.kind]!(part, major)),
  ]);
  if (health) {
    const status = parseStatus(health.stdout);
    look.health = { healthy: health.code === 0, ...(status ? { status } : {}) };
  }
  if (part.kind === "standby") look.standby = readStandby(own?.stdout ?? "");
  if (part.kind === "agent") {
    look.jobs = readJobs(own?.stdout ?? "");
    look.drillPauses = readDrillPauses(own?.stdout ?? "");
  }
  if (part.kind === "pooler") look.paused = own?.stdout.trim() === "paused";
  return look;
}

/** One that has run for longer is no longer in a loop of restarts, whose pauses grow to a minute. */
const settledMs = 10_000;

/** How often Docker has started a container again that ended by itself, where it did so only just now. */
export function recentRestarts(
  {
    RestartCount,
    State,
  }: Pick<Dockerode.ContainerInspectInfo, "RestartCount"> & {
    State: Pick<Dockerode.ContainerInspectInfo["State"], "StartedAt">;
  },
  now: number,
): number {
  // A clock of another machine may be ahead: then nothing is known.
  const age = now - Date.parse(State.StartedAt);
  return age >= 0 && age < settledMs ? RestartCount : 0;
}

/** An engine may lose the end of a command, and a signal does not end every call. */
function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(new Error("it did not answer in time")));
    }),
  ]);
}

/** What is asked inside a container. Nothing that a server says becomes part of a command. */
const scriptOf: Partial<Record<Part["kind"], (part: Part, major: number) => string>> = {
  standby: ({ superuser }, major) => `
export PGOPTIONS=${shellQuote(sessionOptions({ major, superuser: true, with: { statement_timeout: "2000" } }))} PGCONNECT_TIMEOUT=2
row=$(timeout 3 psql -XAtqw -h ${socketFolder("standby")} -U ${shellQuote(superuser)} -d template1 -v ON_ERROR_STOP=1 -c "
SELECT pg_is_in_recovery()::int,
       CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused()::int ELSE 0 END,
       (SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming')" 2>/dev/null)
printf '%s\\n' "$row"
timeout 2 pg_isready -q -t 2 -h "$PRIMARY_HOST" -p "$PRIMARY_PORT"
printf '%s\\n' $?
`,
  // The records are JSON on several lines. Bash's own read, because each program costs time.
  agent: () => `
for job in ${lookedJobs.join(" ")}; do
  tr -d '\\n' <"${agentPaths.records}/$job.json" 2>/dev/null
  echo
done
[ ! -e ${agentPaths.records}/${drillPausedNote} ] || echo ${drillPausedNote}
`,
  pooler: () => `[ ! -e /run/laterbase/pause ] || echo paused\n`,
};

/** The exit codes of pg_isready with which a server answers. */
const pgIsReady: Record<string, StandbyLook["primary"]> = { "0": "accepts", "1": "rejects" };

/** Reads `1|0|1` and, below it, pg_isready's exit code. */
export function readStandby(text: string): StandbyLook {
  const [row = "", code = ""] = text.split("\n");
  const found = /^([01])\|([01])\|(\d+)$/.exec(row);
  const primary = code === "" ? undefined : (pgIsReady[code] ?? "silent");
  return {
    answers: found !== null,
    inRecovery: found?.[1] === "1",
    paused: found?.[2] === "1",
    // A stream looks alive for a minute after its other end has gone.
    streaming: found !== null && found[3] !== "0" && primary !== "silent",
    ...(primary ? { primary } : {}),
  };
}

/** Reads the records, each on a line, in the order of {@link lookedJobs}. */
export function readJobs(text: string): NonNullable<Look["jobs"]> {
  const lines = text.split("\n");
  const read = (line: string): JobLook | undefined => {
    try {
      const { result, detail, endedAt } = JSON.parse(line) as Record<string, unknown>;
      return typeof result === "string" && typeof endedAt === "string"
        ? { result, detail: typeof detail === "string" ? detail : "", at: endedAt }
        : undefined;
    } catch {
      return undefined;
    }
  };
  const found = lookedJobs.map((job, i) => [job, read(lines[i] ?? "")] as const);
  return Object.fromEntries(found.filter(([, record]) => record));
}

/** Reads what comes after the records. */
export function readDrillPauses(text: string): boolean {
  return text.split("\n")[lookedJobs.length] === drillPausedNote;
}
