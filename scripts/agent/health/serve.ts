import { readFileSync } from "node:fs";
import { join } from "node:path";
import { agentPaths } from "../../../contract/agentPaths";
import { adviceOf } from "../../../contract/health/advice";
import type { Cluster } from "../../../contract/health/acceptPrimary";
import type { Check, CheckStatus } from "../../../contract/health/check";
import { type HealthConfig, healthFiles, healthPorts } from "../../../contract/health/config";
import type { StackFacts } from "../../../contract/health/facts";
import { visible } from "../../../contract/visible";
import { Failure } from "../kit/failure";
import { passwordFor } from "../kit/passfile";
import { Collector } from "./collect/collector";
import { Reports } from "./collect/reports";
import { pageServer, type PageServerArgs } from "./http/server";
import type { Listener } from "./kit/snapshot";
import { everyMs, Monitor } from "./monitor";
import { Settled } from "./settle";
import { Sign } from "./sign";

/** What the monitor works with besides its looks. */
export interface Parts {
  history?: {
    note: Listener;
    sinceOf(name: string, status: CheckStatus): string | undefined;
    growth(disk: string): number | undefined;
    knownSystem?(): string | undefined;
    accepted?(): Cluster | undefined;
    left?(): Check[];
    unarchived?(): Record<string, string>;
    close(): void;
  };
  page?: NonNullable<PageServerArgs["page"]>;
  metrics?: NonNullable<PageServerArgs["metrics"]>;
  notifier?: { note: Listener; stop(): Promise<void> };
  /** What the parts themselves cannot do at present. */
  problems?: () => Pick<StackFacts, "historyProblem" | "undelivered">;
}

/** Where its files and ports are. Tests put them elsewhere. */
export interface MonitorPlace {
  etc: string;
  run: string;
  ports: { page: number; reports: number };
}

const place: MonitorPlace = {
  ...{ etc: agentPaths.etc, run: agentPaths.run },
  ports: healthPorts,
};

/** What makes the parts, once the configuration is read. */
export type MakeParts = (config: HealthConfig, log: (sentence: string) => void) => Parts;

/** The monitor itself: looks each ten seconds, and answers until it is stopped. */
export async function serve(makeParts: MakeParts = () => ({}), at = place): Promise<void> {
  const ended = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => ended.abort());
  const sign = new Sign(at.run);
  sign.set("starting", "");
  const { config, secrets, token } = read(at.etc);
  const parts = makeParts(config, log);
  const near = config.standbys.filter((one) => one.near).map(({ name }) => name);
  const names = [...(config.managed ? ["primary"] : []), ...near];
  const reports = new Reports({ names, prefix: config.prefix });
  const { history } = parts;
  const remembered = history
    ? {
        knownSystem: () => history.knownSystem?.(),
        accepted: () => history.accepted?.(),
        growth: (disk: string) => history.growth(disk),
        unarchived: () => history.unarchived?.() ?? {},
      }
    : {};
  const collector = new Collector(config, secrets, reports, remembered, log);
  const monitor = new Monitor({
    collect: async () => ({ ...(await collector.collect()), ...parts.problems?.() }),
    advice: adviceOf({ stack: config.stack, prefix: config.prefix, near }),
    thresholds: config.thresholds,
    settled: new Settled((name, status) => history?.sinceOf(name, status), history?.left?.()),
    listeners: [
      ({ judged }) => sign.set("running", judged.sentence),
      logged(log),
      ...(history ? [history.note] : []),
      ...(parts.notifier ? [parts.notifier.note] : []),
    ],
    log,
  });
  const server = pageServer({
    ...{ now: () => monitor.now, lives: () => monitor.lives, log },
    lookedAgo: () => monitor.lookedAgo,
    ...(token === undefined ? {} : { token }),
    ...(parts.page ? { page: parts.page } : {}),
    ...(parts.metrics ? { metrics: parts.metrics } : {}),
  });
  await reports.listen(at.ports.reports);
  await server.listen({ host: "0.0.0.0", port: at.ports.page });
  log(`ready: looks each ${everyMs / 1000} s`);
  await monitor.run(ended.signal);
  await Promise.all([server.close(), reports.close(), parts.notifier?.stop()]);
  collector.close();
  history?.close();
  log("stopped");
}

/** What changed, so that the log tells what happened when nobody looked. */
function logged(say: (sentence: string) => void): Listener {
  return (now, before) => {
    const known = new Map(before?.checks.map((check) => [check.name, check.status]));
    for (const { name, status, sentence } of now.checks) {
      const was = known.get(name);
      const isNews = was === undefined ? status !== "good" && status !== "pending" : was !== status;
      if (isNews) say(`${name} is ${status}: ${sentence}`);
    }
    if (before?.judged.verdict !== now.judged.verdict)
      say(`${now.judged.verdict}: ${now.judged.sentence}`);
  };
}

function read(etc: string) {
  const text = (name: string) => {
    const file = join(etc, name);
    try {
      return readFileSync(file, "utf8");
    } catch (error) {
      throw new Failure(`${file} cannot be read: ${(error as Error).message}.`);
    }
  };
  const secret = (name: string) => text(name).replace(/\r?\n$/, "");
  let config: HealthConfig;
  try {
    config = JSON.parse(text(healthFiles.config)) as HealthConfig;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`${join(etc, healthFiles.config)} is not JSON.`);
  }
  const token = config.token ? secret(healthFiles.token) : undefined;
  if (token === "") throw new Failure(`${join(etc, healthFiles.token)} is empty.`);
  const { role: user } = config;
  return {
    ...{ config, token },
    // Read at each login, so that a new password counts without a restart.
    secrets: {
      server: ({ host, port }: { host: string; port: number }) =>
        passwordFor(join(etc, healthFiles.passfile), { host, port, user, database: "postgres" }),
      pooler: () => secret(healthFiles.poolerPassword),
      agentToken: () => secret(healthFiles.agentToken),
    },
  };
}

function log(sentence: string): void {
  const at = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  // The lines of a stack trace are ours; any other line break is text of a server.
  const lines = sentence.split(/\n(?= {4}at )/).map(visible);
  process.stderr.write(`${at} laterbase-monitor: ${lines.join("\n")}\n`);
}
