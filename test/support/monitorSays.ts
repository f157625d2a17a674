import { setTimeout as sleep } from "node:timers/promises";
import { type Check, exitOf } from "../../contract/health/check";
import type { HealthReport } from "../../contract/health/report";
import type { MessageSink, ToldMessage } from "./messageSink";
import { until } from "./process";
import type { Alert, Prometheus } from "./prometheus";
import { problemsOn, toldBy, verdictOn, wrongIn } from "./saidText";
import type { Stack } from "./stack";

/** Where else a fault is said: docs/health-messages.md and docs/health-prometheus.md. */
interface Around {
  messages: MessageSink;
  prometheus: Prometheus;
  /** Thresholds that are not the defaults, and the `interval` of the job. */
  thresholds: Record<string, number>;
}

type Wrong = Pick<HealthReport, "checks">;

/** Every way in which a stack's monitor says how everything is: they have to say the same. */
export class MonitorSays {
  /** Every report that was read, by its time. One moment has one. */
  private readonly reports = new Map<string, HealthReport>();
  /** Absent: messages and alerts are the matter of other trials. */
  around: Around | undefined;

  constructor(
    readonly stack: Stack,
    private readonly healthPort: number,
  ) {}

  async report(): Promise<HealthReport> {
    const answer = await fetch(`http://127.0.0.1:${this.healthPort}/health`);
    const said = (await answer.json()) as HealthReport;
    expect(answer.status).toBe(said.status === "unhealthy" ? 503 : 200);
    this.reports.set(said.timestamp, said);
    return said;
  }

  /** Waits until everything is good. The error says what is not. */
  async healthy(seconds: number): Promise<void> {
    let wrong: string[] = [];
    await until(
      "everything is good",
      async () => {
        wrong = wrongIn(await this.report()).map(({ name, sentence }) => `${name}: ${sentence}`);
        return wrong.length === 0;
      },
      seconds,
    ).catch((error: Error) => {
      throw new Error(`${error.message} Still wrong: ${wrong.join(" ")}`);
    });
  }

  /** Everything is good, and that is what is said everywhere. */
  async saysHealthy(): Promise<void> {
    await this.healthy(60);
    const report = await this.sameEverywhere();
    expect([report.status, wrongIn(report)]).toEqual(["healthy", []]);
    if (!this.around) return;
    const { messages, prometheus } = this.around;
    let last: ToldMessage | undefined;
    await until(
      "the last message says that everything works",
      async () => {
        last = (await messages.messages()).at(-1);
        return last === undefined || last.status === "healthy";
      },
      30,
    ).catch((error: Error) => {
      throw new Error(`${error.message} It is: ${JSON.stringify(last)}`);
    });
    await until("nothing alerts", async () => (await prometheus.alerts()).length === 0);
  }

  /** The page and the three commands say of a look what `/health` says of it. Returns what that is. */
  async sameEverywhere(check?: string): Promise<HealthReport> {
    const headers = { accept: "text/html" };
    const answer = await fetch(`http://127.0.0.1:${this.healthPort}/`, { headers });
    const page = await answer.text();
    const looked = /Looked at <time datetime="([^"]+)"/.exec(page)?.[1] ?? "";
    const shown = await this.reportOf(looked);
    expect(verdictOn(page)).toEqual([shown.status, shown.sentence]);
    expect(problemsOn(page)).toEqual(wrongIn(shown));

    const { stack } = this;
    const json = await stack.laterbase("health", "--json");
    const said = JSON.parse(json.stdout) as HealthReport;
    expect(said).toEqual(await this.reportOf(said.timestamp));
    expect(json.code).toBe(exitOf({ verdict: said.status, sentence: said.sentence }));

    // The look that a command shows may be over when it has printed.
    let last = "";
    await until(
      "both commands say what /health says",
      async () => {
        const text = await stack.laterbase("health");
        const status = await stack.laterbase("status", "--json");
        last = `${text.stdout}${text.stderr}\n${status.stdout}${status.stderr}`;
        const looks = [...this.reports.values()].slice(-4);
        const { verdict, checks } = JSON.parse(status.stdout) as { verdict: string } & Wrong;
        const of = (report: Wrong) =>
          JSON.stringify(wrongIn(report).filter(({ name }) => name === check));
        return (
          looks.some((one) => toldBy(one).every((line) => text.stdout.includes(line))) &&
          looks.some((one) => one.status === verdict && of(one) === of({ checks }))
        );
      },
      60,
    ).catch((error: Error) => {
      const looks = [...this.reports.values()].slice(-4).map((one) => toldBy(one).join(""));
      throw new Error(`${error.message} They say:\n${last}\nand /health:\n${looks.join("\n")}`);
    });
    return shown;
  }

  /** The report of the same look. */
  private async reportOf(at: string): Promise<HealthReport> {
    const second = at.replace(/\.\d+Z$/, "Z");
    if (!this.reports.has(second)) await this.report();
    const found = this.reports.get(second);
    if (!found) throw new Error(`/health said nothing at ${second}.`);
    return found;
  }

  /** Waits for a message that says of a check what `/health` said in the same look. */
  async told(
    before: number,
    { name, status, command }: Pick<Check, "name" | "status" | "command">,
  ): Promise<void> {
    if (!this.around) return;
    const { messages } = this.around;
    let arrived: ToldMessage[] = [];
    const of = (message: ToldMessage) => message.checks.find((one) => one.name === name);
    const fits = (message: ToldMessage) =>
      of(message)?.status === status &&
      (status === "good" || of(message)?.command === (command ?? null));
    await until(
      `a message says that ${name} is ${status}`,
      async () => {
        arrived = (await messages.messages()).slice(before);
        return arrived.some(fits);
      },
      30,
    ).catch((error: Error) => {
      throw new Error(`${error.message} These arrived: ${JSON.stringify(arrived)}`);
    });
    const message = arrived.find(fits)!;
    const { sentence, lasted_seconds: lasted } = of(message)!;
    const report = await this.reportOf(message.timestamp);
    const seen = report.checks.find((one) => one.name === name);
    expect([message.event, message.status, message.sentence, sentence]).toEqual([
      ...["change", report.status, report.sentence],
      seen?.sentence ?? "It is good again.",
    ]);
    expect(lasted === null ? "it goes on" : "it has ended").toBe(
      status === "good" ? "it has ended" : "it goes on",
    );
  }

  /** Waits until the rules of the examples alert it, with the same command. */
  async alerted({ name, status, command }: Check): Promise<void> {
    if (!this.around) return;
    const { prometheus } = this.around;
    let alerts: Alert[] = [];
    const wanted = [status === "failed" ? "critical" : "warning", command];
    await until(
      `an alert says that ${name} is ${status}`,
      async () => {
        alerts = (await prometheus.alerts()).filter(({ labels }) => labels["check"] === name);
        return alerts.some(
          ({ state, labels, annotations }) =>
            state === "firing" &&
            labels["severity"] === wanted[0] &&
            annotations["command"] === wanted[1] &&
            annotations["summary"] === `${name} of dev is ${status}`,
        );
      },
      30,
    ).catch((error: Error) => {
      throw new Error(`${error.message} There are: ${JSON.stringify(alerts)}`);
    });
  }

  /** Reads every report while something is done: a look is ten seconds. */
  async reading<T>(work: () => Promise<T>): Promise<T> {
    const over = new AbortController();
    const reader = (async () => {
      while (!over.signal.aborted) {
        await this.report().catch(() => undefined);
        await sleep(1000);
      }
    })();
    try {
      return await work();
    } finally {
      over.abort();
      await reader;
    }
  }
}
