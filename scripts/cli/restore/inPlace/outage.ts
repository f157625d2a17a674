import type { Place } from "./place";
import { stopStandby } from "./standbys";

/** How long running transactions of the pooler's clients have to finish. What they write is undone or kept either way. */
const graceSeconds = 10;

/** The time in which the primary does not run: the pooler's clients wait, and standbys answer nobody. */
export class Outage {
  private since: number | undefined;
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
    const { place, since } = this;
    if (since === undefined || !place.pooler) return;
    this.since = undefined;
    await place.session.servers.resume(place.pooler).catch(({ message }: Error) => {
      place.say(`${message} Try '${place.session.command("resume-pooler")}'.`);
    });
    this.pausedSeconds = (Date.now() - since) / 1000;
  }

  private async pause(): Promise<void> {
    const { pooler, session, say } = this.place;
    if (!pooler || this.since !== undefined) return;
    const since = Date.now();
    say(`The pooler's clients have ${graceSeconds} s to finish their transactions, and then wait.`);
    try {
      if (await session.servers.pause(pooler, { seconds: graceSeconds })) this.since = since;
    } catch (error) {
      say(`${(error as Error).message} Their connections end.`);
    }
  }

  private async stopOne(name: string): Promise<void> {
    const { standbys, say } = this.place;
    const standby = standbys.get(name);
    if (!standby) return;
    say(`Stopping ${standby.name}: it gets a new clone.`);
    await stopStandby(standby).catch(({ message }: Error) => {
      this.away.set(name, message);
      say(`${standby.name} cannot be stopped: ${message}`);
    });
  }
}
