import type * as pulumi from "@pulumi/pulumi";
import type { Schedule } from "../../contract/schedule";

/** A job that a component contributes to the scheduler. */
export interface ScheduledJob {
  /** Such as dump. Ofelia's log calls it so. */
  name: string;
  /** When it starts, in the scheduler's time zone. */
  schedule: Schedule;
  /** The container that it runs in. Ofelia looks for this name at each run. */
  container: string;
  /** A program and plain words. There is no shell between Ofelia and the container. */
  command: string;
  /** What has to be there before the scheduler starts: the container, ready to run it. */
  after: readonly pulumi.Resource[];
}
