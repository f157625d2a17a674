import type { AgentOverview } from "../../../../contract/agentOverview";

/**
 * A new agent has no sign of the scheduler for a minute. One that stays without is as one whose last sign was then.
 */
export class SchedulerWatch {
  private without: string | undefined;

  constructor(private readonly patienceSeconds: number) {}

  in(overview: AgentOverview): AgentOverview {
    const { scheduler, at } = overview;
    if (!scheduler || scheduler.beatAt !== null) {
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
