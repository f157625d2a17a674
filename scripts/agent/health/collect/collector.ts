import type { AgentOverview } from "../../../../contract/agentOverview";
import type { Cluster } from "../../../../contract/health/acceptPrimary";
import type { HealthConfig, MonitoredStandby } from "../../../../contract/health/config";
import { disksIn } from "../../../../contract/health/diskChecks";
import {
  isUnknown,
  type PoolerFacts,
  type PrimaryFacts,
  type Seen,
  type StackFacts,
  type StandbyFacts,
} from "../../../../contract/health/facts";
import { absenceOf, Patient } from "./absence";
import { addressOf, Asked } from "./asked";
import { newestTimeline } from "./timeline";
import { askOverview } from "./agent";
import { certificatesOf, imageBuiltAt } from "./ages";
import { Lag } from "./lag";
import { askPooler, poolerSession } from "./pooler";
import { PrimaryLook, type SeenPrimary } from "./primary";
import type { Reports } from "./reports";
import { SchedulerWatch } from "./scheduler";
import { monitorSession } from "./serverSession";
import { reach } from "./services";
import { askStandby, type SeenStandby } from "./standby";
import { Streams } from "./streams";
import { Unarchived } from "./unarchived";

/** What the collector needs besides the configuration. */
export interface CollectorSecrets {
  /** The password on each server. */
  server: (where: { host: string; port: number }) => string;
  pooler: () => string;
  agentToken: () => string;
}

/** What was known before. */
export interface Remembered {
  knownSystem?: () => string | undefined;
  accepted?: () => Cluster | undefined;
  growth?: (disk: string) => number | undefined;
  /** Since when the primary had written what no WAL of a repository had, by its number. */
  unarchived?: () => Record<string, string>;
}

type Absence = ReturnType<typeof absenceOf>;

/** A receiver hears of its primary at least each half minute, unless that has vanished. */
const silentSeconds = 45;

/** Asks every part of a stack at the same time. What does not answer delays and hides nothing else. */
export class Collector {
  private readonly primary: Asked<SeenPrimary>;
  private readonly standbys: { of: MonitoredStandby; asked: Asked<SeenStandby> }[];
  private readonly pooler: Asked<PoolerFacts> | undefined;
  private readonly agent = new Patient<AgentOverview>();
  private readonly services = new Map<string, Patient<{ reached: true }>>();
  private readonly lag = new Lag();
  private readonly unarchived: Unarchived;
  private readonly scheduler: SchedulerWatch;
  private readonly certificates: Record<string, { until: string }>;
  private readonly builtAt = imageBuiltAt();
  /** The newest timeline of the stack's cluster. */
  private newest: Cluster | undefined;
  private readonly streams = new Streams();

  constructor(
    private readonly config: HealthConfig,
    private readonly secrets: CollectorSecrets,
    private readonly reports: Reports,
    private readonly remembered: Remembered,
    log: (sentence: string) => void,
  ) {
    const { role: user, major, managed, pooler } = config;
    const session = (where: { host: string; port: number }, writes: boolean) =>
      monitorSession({ ...where, user, major, writes }, () => secrets.server(where));
    const look = new PrimaryLook(config);
    this.primary = new Asked(config.primary, session(config.primary, managed), (client) =>
      look.ask(client),
    );
    this.standbys = config.standbys.map((of) => {
      const { host, port } = of;
      const own = session({ host, port }, false);
      return { of, asked: new Asked(of, own, (client) => askStandby(client, managed)) };
    });
    this.pooler =
      pooler &&
      new Asked(
        pooler,
        poolerSession(pooler, () => secrets.pooler()),
        askPooler,
      );
    this.unarchived = new Unarchived(remembered.unarchived?.());
    this.scheduler = new SchedulerWatch(config.thresholds.schedulerSeconds);
    this.certificates = certificatesOf(config.certificates, log);
  }

  async collect(): Promise<StackFacts> {
    const { config } = this;
    const [primary, standbys, pooler, agent, services] = await Promise.all([
      this.primary.look(),
      Promise.all(
        this.standbys.map(async ({ of, asked }) => {
          const seen = await asked.look();
          return { of, seen, isNew: asked.isNew };
        }),
      ),
      this.pooler?.look(),
      this.askAgent(),
      this.reachAll(),
    ]);
    const now = performance.now();
    const own = isUnknown(primary) ? undefined : primary;
    const overview = agent && !isUnknown(agent) ? agent : undefined;
    const facts: StackFacts = {
      ...{ at: new Date().toISOString(), managed: config.managed },
      primary: this.primaryFacts(primary),
      standbys: Object.fromEntries(
        standbys.map(({ of, seen, isNew }) => [
          of.name,
          this.standbyFacts(of, { seen, isNew }, own, now),
        ]),
      ),
      slots: Object.fromEntries(config.standbys.map(({ name, slot }) => [name, slot])),
      ...(pooler ? { pooler } : {}),
      ...(agent ? { agent: overview ? this.scheduler.in(overview) : agent } : {}),
      ...{ services, certificates: this.certificates },
      ...(this.builtAt ? { imageBuiltAt: this.builtAt } : {}),
      unarchivedSince: this.unarchived.in(overview?.repositories),
    };
    // After the standbys were judged: they may not have what the primary has only written now.
    if (own && this.primary.isNew) {
      this.lag.note(own, now);
      if (own.written) this.unarchived.note(Date.now());
    }
    this.newest = newestTimeline(this.newest, facts, this.remembered.accepted?.());
    return { ...facts, growth: this.growthIn(facts) };
  }

  close(): void {
    for (const { asked } of this.standbys) asked.close();
    this.primary.close();
    this.pooler?.close();
  }

  private primaryFacts(seen: Seen<SeenPrimary>): Seen<PrimaryFacts> {
    const report = this.config.managed ? this.reports.lastOf("primary") : undefined;
    const fresh = this.config.managed ? this.reports.of("primary") : undefined;
    const known = fresh && !isUnknown(fresh) ? fresh : undefined;
    if (isUnknown(seen)) return { ...seen, ...(known ? { report: known } : {}) };
    const { facts } = seen;
    const systemIdentifier = this.remembered.knownSystem?.();
    const { newest } = this;
    const timeline =
      newest?.systemIdentifier === systemIdentifier ? newest?.timeline : facts.timeline;
    return {
      ...facts,
      ...(systemIdentifier && timeline !== undefined
        ? { before: { systemIdentifier, timeline } }
        : {}),
      ...(known ? { disk: { holds: "primary", ...known.disk } } : {}),
      // A primary of an earlier release reports nothing.
      ...(report && fresh ? { report: fresh } : {}),
    };
  }

  private standbyFacts(
    { name, slot, near }: MonitoredStandby,
    { seen, isNew }: { seen: Seen<SeenStandby>; isNew: boolean },
    primary: SeenPrimary | undefined,
    now: number,
  ): Seen<StandbyFacts> {
    const report = near ? this.reports.of(name) : undefined;
    const known = report && !isUnknown(report) ? report : undefined;
    if (isUnknown(seen)) return { ...seen, ...(known ? { report: known } : {}) };
    const { facts, replayed, silence } = seen;
    // A stream looks alive for a minute after its other end has gone.
    const alive = primary
      ? primary.facts.replicas.some((one) => one.slot === slot)
      : (silence ?? Infinity) < silentSeconds;
    const streaming = this.streams.of(name, {
      streams: facts.streaming && alive,
      isMissing: primary !== undefined && (!isNew || !this.primary.isNew),
    });
    return {
      ...{ ...facts, streaming },
      lagSeconds: this.lag.of(replayed, now, primary?.clock),
      ...(known ? { disk: { holds: name, ...known.disk } } : {}),
      ...(report ? { report } : {}),
    };
  }

  private async askAgent(): Promise<Seen<AgentOverview> | undefined> {
    const { agent } = this.config;
    if (!agent) return undefined;
    const answer = await askOverview(agent, this.secrets.agentToken()).catch(
      (error: unknown): Absence => absenceOf(error, addressOf(agent)),
    );
    return this.agent.see(answer);
  }

  private async reachAll(): Promise<NonNullable<StackFacts["services"]>> {
    const reached = await Promise.all(
      this.config.services.map(async (service) => {
        const answer = await reach(service).catch((error: unknown): Absence =>
          absenceOf(error, addressOf(service)),
        );
        const patient = this.services.get(service.name) ?? new Patient();
        this.services.set(service.name, patient);
        return [service.name, patient.see(answer)] as const;
      }),
    );
    return Object.fromEntries(reached);
  }

  private growthIn(facts: StackFacts): Record<string, number> {
    return Object.fromEntries(
      disksIn(facts).flatMap(({ holds }) => {
        const growth = this.remembered.growth?.(holds);
        return growth === undefined ? [] : [[holds, growth]];
      }),
    );
  }
}
