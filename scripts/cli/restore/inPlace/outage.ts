import type { Place } from "./place";
import { stopStandby } from "./standbys";

/** How long running transactions of the pooler's clients have to finish. What they write is undone or kept either way. */
const graceSeconds = 10;
/** The pooler lets its clients go on by itself after this time, so the pause is renewed well before. */
const leaseSeconds = 120;
const renewSeconds = 60;
/** How long it keeps them from a state that the operator has to decide about. */
const holdSeconds = 24 * 60 * 60;

/** The time in which the primary does not run: the pooler's clients wait, and standbys answer nobody. */
export class Outage {
  private since: number | undefined;
  /** When the pooler's clients go on by themselves. */
  private until = 0;
  private timer: NodeJS.Timeout | undefined;
  private renewal: Promise<void> | undefined;
  /** How long the pooler's clients waited. Absent: none did. */
  pausedSeconds: number | undefined;
  /** Standbys that could not be stopped, each with a sentence. */
  readonly away = new Map<string, string>();

  constructor(private readonly place: Place) {}

  /** @param standbys the names of those to stop */
  async begin(standbys: readonly string[]): Promise<void> {
    await this.place.server.checkpoint();
    await this.pause();
    await Promise.all(standbys.map((name) => this.stopOne(name)));
    this.place.say(`Stopping ${this.place.server.name}.`);
    await this.place.server.stop();
  }

  /** Lets the pooler's clients go on. */
  async end(): Promise<void> {
    await this.stopRenewing();
    const { place, since } = this;
    if (since === undefined || !place.pooler) return;
    this.since = undefined;
    await place.session.servers.resume(place.pooler).catch(({ message }: Error) => {
      place.say(`${message} Try '${place.session.command("resume-pooler")}'.`);
    });
    this.pausedSeconds =
      (this.pausedSeconds ?? 0) + (Math.min(performance.now(), this.until) - since) / 1000;
  }

  /** Keeps the pooler's clients from a primary that is not at the state that was planned. `end` leaves them there. */
  async hold(): Promise<void> {
    await this.stopRenewing();
    const { pooler, session, say } = this.place;
    this.since = undefined;
    if (!pooler) return;
    const resume = `'${session.command("resume-pooler")}' lets them go on with it.`;
    try {
      const times = { seconds: graceSeconds, lease: holdSeconds };
      if (!(await session.servers.pause(pooler, times))) return;
      say(`The pooler's clients do not get to this state for a day: ${resume}`);
    } catch (error) {
      say(`${(error as Error).message} They go on with this state.`);
    }
  }

  private async pause(): Promise<void> {
    const { pooler, session, say } = this.place;
    if (!pooler || this.since !== undefined) return;
    const since = performance.now();
    say(`The pooler's clients have ${graceSeconds} s to finish their transactions, and then wait.`);
    try {
      if (!(await session.servers.pause(pooler, { seconds: graceSeconds }))) return;
      this.since = since;
      this.until = performance.now() + leaseSeconds * 1000;
      this.timer = setInterval(() => this.renew(), renewSeconds * 1000).unref();
    } catch (error) {
      say(`${(error as Error).message} Their connections end.`);
    }
  }

  /** One that fails is tried again, and the clients go on when the lease ends. */
  private renew(): void {
    const { pooler, session, say } = this.place;
    if (!pooler || this.renewal) return;
    const paused = session.servers.pause(pooler, { seconds: graceSeconds }).then(
      (isPaused) => {
        if (isPaused) this.until = performance.now() + leaseSeconds * 1000;
      },
      ({ message }: Error) => say(message),
    );
    this.renewal = paused.finally(() => (this.renewal = undefined));
  }

  /** Waits for one that is under way: after a resume it would pause the clients again. */
  private async stopRenewing(): Promise<void> {
    clearInterval(this.timer);
    await this.renewal;
  }

  private async stopOne(name: string): Promise<void> {
    const { standbys, say } = this.place;
    const standby = standbys.get(name);
    if (!standby) return;
    say(`Stopping ${standby.name}: it gets a new clone.`);
    await stopStandby(standby).then(
      () => this.away.delete(name),
      ({ message }: Error) => {
        this.away.set(name, message);
        say(`${standby.name} cannot be stopped: ${message}`);
      },
    );
  }
}
