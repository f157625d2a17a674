import type { PingedJob } from "../../../../contract/health/config";
import { isUnknown, type Undelivered } from "../../../../contract/health/facts";
import { Deliveries, type DeliveriesState } from "../kit/deliveries";
import { type HttpRequest, request } from "../kit/request";
import type { Snapshot } from "../kit/snapshot";
import { type Ping, type Pinged, pingsOf } from "./runs";

/** What is kept over a restart. The addresses are secret and not in it. */
export interface PingerState {
  pinged: Pinged;
  waiting: Partial<Record<PingedJob, DeliveriesState<Ping>>>;
}

export interface PingerOptions {
  pings: Partial<Record<PingedJob, string>>;
  changed: () => Promise<void>;
  log: (sentence: string) => void;
  timeoutMs: number;
  waits?: readonly number[];
}

/** The services take no more from one address. */
const perMinute = 5;

/** Says of each run of a job that it began, and how it ended. */
export class Pinger {
  private pinged: Pinged;
  /** Jobs may share an address. It is called after the first of them. */
  private readonly byUrl = new Map<string, { job: PingedJob; deliveries: Deliveries<Ping> }>();
  /** The time of the first look. */
  private from: string | undefined;

  constructor(
    private readonly options: PingerOptions,
    kept?: PingerState,
  ) {
    this.pinged = kept?.pinged ?? {};
    const { pings, changed, log, timeoutMs, waits } = options;
    for (const [job, url] of Object.entries(pings) as [PingedJob, string][]) {
      if (this.byUrl.has(url)) continue;
      const deliveries = new Deliveries<Ping>(
        {
          ...{ name: nameOf(job), bound, changed, log, perMinute },
          ...(waits ? { waits } : {}),
          send: async (ping, signal) => {
            await request(pingRequest(url, ping), timeoutMs, signal);
            return undefined;
          },
        },
        kept?.waiting[job],
      );
      this.byUrl.set(url, { job, deliveries });
    }
  }

  /** Finds the runs that began or ended. Call `go` when the state is kept. */
  note({ at, facts: { agent } }: Snapshot): boolean {
    this.from ??= at;
    if (agent === undefined || isUnknown(agent)) return false;
    const wanted = Object.keys(this.options.pings) as PingedJob[];
    const { pinged, pings } = pingsOf(this.pinged, agent, wanted, this.from);
    const changed = JSON.stringify(pinged) !== JSON.stringify(this.pinged);
    this.pinged = pinged;
    for (const ping of pings) {
      const url = this.options.pings[ping.job]!;
      this.byUrl.get(url)!.deliveries.add(ping);
    }
    return changed;
  }

  go(): void {
    for (const { deliveries } of this.byUrl.values()) deliveries.go();
  }

  state(): PingerState {
    const waiting: PingerState["waiting"] = {};
    for (const { job, deliveries } of this.byUrl.values()) waiting[job] = deliveries.state();
    return { pinged: this.pinged, waiting };
  }

  /** The pings that did not arrive last, and the code of why. */
  problems(): Undelivered[] {
    return [...this.byUrl.values()].flatMap(({ job, deliveries }) => {
      const code = deliveries.problem();
      return code === undefined ? [] : [{ target: nameOf(job), code, ping: true as const }];
    });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.byUrl.values()].map(({ deliveries }) => deliveries.stop()));
  }
}

/** Its address is secret. */
const nameOf = (job: PingedJob) => `the ping of ${job}`;

const mostWaiting = 5;

/** A start that did not arrive before its run ended is left out, and so is what is older than five. */
export function bound(waiting: readonly Ping[]): Ping[] {
  const left = waiting.filter(
    ({ job, what }, at) =>
      what !== "start" || !waiting.slice(at + 1).some((later) => later.job === job),
  );
  return left.slice(-mostWaiting);
}

/** `/start` and `/fail` go to the end of the path, before what the address asks. */
export function pingRequest(url: string, { what, sentence }: Ping): HttpRequest {
  const address = new URL(url);
  if (what !== "success") {
    address.pathname = `${address.pathname.replace(/\/+$/, "")}/${what}`;
  }
  if (sentence === undefined) return { url: address.href, method: "GET", headers: {} };
  const headers = { "content-type": "text/plain; charset=utf-8" };
  return { url: address.href, method: "POST", headers, body: sentence };
}
