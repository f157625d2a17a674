import type { AgentOverview } from "../../../../contract/agentOverview";
import { inFuture } from "../../../../contract/clock";

/**
 * A new agent has no sign of the scheduler for a minute. One that stays without is as one whose last sign was then.
 * A sign of the future is none: a clock was wrong when it was given.
 */
export class SchedulerWatch {
  private without: string | undefined;

  constructor(private readonly patienceSeconds: number) {}

  in(overview: AgentOverview): AgentOverview {
    const { scheduler, at } = overview;
    const beatAt = scheduler?.beatAt ?? null;
    if (!scheduler || (beatAt !== null && !inFuture(beatAt, Date.parse(at)))) {
      this.without = undefined;
      return overview;
    }
    this.without ??= at;
    const seconds = (Date.parse(at) - Date.parse(this.without)) / 1000;
    return seconds < this.patienceSeconds
      ? overview
      : { ...overview, scheduler: { beatAt: this.without } };
  }
}
