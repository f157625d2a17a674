import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { connect } from "../../engine/connect";
import { execIn } from "../../engine/exec";
import { parseStatus, type Status } from "../../engine/status";
import type { Located } from "../stack/outputs";
import { CliError } from "../terminal/cliError";

/** What a standby's container says about itself before and during a rebuild. */
export interface RebuildLook {
  /** The size of its data without WAL, about that of a new clone, in kB. */
  dataKb: number;
  /** What its volume has free, in kB. */
  freeKb: number;
  /** How many clients read from it; null: its server does not answer. */
  clients: number | null;
  /** Somebody promoted it: it may hold the only newer rows. */
  promoted: boolean;
  /** A rebuild was asked for and is not done. */
  wanted: boolean;
  /** How many of its attempts failed. */
  failures: number;
  /** Why it follows no primary: it may hold rows that exist nowhere else. Absent: it follows, or can. */
  blocked?: string;
}

/** keep: the old data answer reads until the new clone is verified. discard: they are deleted first. */
export type RebuildKind = "keep" | "discard";

const limitMs = 60_000;
const turnMs = 1000;
/** After so many failed attempts nobody waits any longer. The standby itself goes on trying. */
const MOST_FAILURES = 3;
/** The same for turns in which it waits for something, such as a primary that does not answer: ten minutes. */
const MOST_WAITING = 600;
const waiting = new Set(["waiting", "recloning", "blocked"]);

/** Looks at a standby. It changes nothing. */
export async function lookAtStandby(standby: Located): Promise<RebuildLook> {
  const engine = connect({ host: standby.host });
  const found = await look(engine, standby.name);
  const status = await statusOf(engine, standby.name).catch(() => undefined);
  return status?.state === "blocked" ? { ...found, blocked: status.detail } : found;
}

/**
 * Asks for a new clone and waits until the standby streams from it.
 *
 * @throws CliError when three attempts have failed, when it waits for long for something, such as its primary, or when
 * the caller is interrupted; the standby goes on
 */
export async function rebuildStandby(
  standby: Located,
  kind: RebuildKind,
  say: (turn: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const engine = connect({ host: standby.host });
  await run(engine, standby.name, ["laterbase-rebuild", kind]);
  for (let said = "", same = 0; ; await sleep(turnMs)) {
    if (signal?.aborted) {
      throw new CliError(`Interrupted: ${standby.name} goes on with its new clone.`);
    }
    const status = await statusOf(engine, standby.name);
    const line = status ? `${status.state}${status.detail && `: ${status.detail}`}` : said;
    same = line === said ? same + 1 : 0;
    if (line !== said) say((said = line));
    const { wanted, failures, promoted } = await look(engine, standby.name);
    if (!wanted && status?.state === "running") {
      if (promoted) throw new CliError(promotedMeanwhile(standby.name));
      return;
    }
    if (failures >= MOST_FAILURES) {
      const left = kind === "keep" ? " Its old data still answer reads." : "";
      throw new CliError(`${failures} attempts failed, the last one with: ${said}.${left}`);
    }
    // A copy of much data may show the same percentage for long.
    if (same >= MOST_WAITING && waiting.has(status?.state ?? "waiting") && !/ % of /.test(said)) {
      throw new CliError(
        `${standby.name} has waited for ten minutes (${said}), and goes on by itself.`,
      );
    }
  }
}

const promotedMeanwhile = (name: string) =>
  `${name} was promoted while its clone was made: it keeps its data, and there is no new clone.`;

async function look(engine: Docker, name: string): Promise<RebuildLook> {
  return JSON.parse(await run(engine, name, ["laterbase-rebuild", "look"])) as RebuildLook;
}

async function statusOf(engine: Docker, name: string): Promise<Status | undefined> {
  const { stdout } = await execIn(engine, name, ["laterbase-health"], "", limit());
  return parseStatus(stdout);
}

const limit = () => AbortSignal.timeout(limitMs);

/** What Docker gives when the image has no such program. */
const NO_PROGRAM = [126, 127];

const older = (name: string) =>
  `${name} is of an older version, which knows no rebuild: bring the stack up first.`;

async function run(engine: Docker, name: string, words: readonly string[]): Promise<string> {
  const said = await execIn(engine, name, words, "", limit()).catch(
    (error: Error & { statusCode?: number }) => {
      throw new CliError(notAsked(name, error));
    },
  );
  if (said.code === 0) return said.stdout;
  if (NO_PROGRAM.includes(said.code)) {
    throw new CliError(older(name));
  }
  throw new CliError(`${name} does not answer: ${said.stderr.trim().split("\n").at(-1) ?? ""}.`);
}

function notAsked(name: string, { statusCode, message }: Error & { statusCode?: number }): string {
  if (statusCode === 404) return `There is no container ${name}: bring the stack up first.`;
  if (statusCode === 400) return older(name);
  if (statusCode === 409) return `${name} is not running: bring the stack up first.`;
  return `The Docker engine of ${name} does not answer: ${message}.`;
}
