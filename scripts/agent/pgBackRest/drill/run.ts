import type { JobRecord } from "../../../../contract/jobRecord";
import type { Work } from "../../kit/context";
import { type JobArgs, runJob } from "../job";
import { drillIn } from "./drill";

/** One drill of each repository, in a process of its own. */
export const drillRun: Work = (args, context, say, signal): Promise<JobRecord> =>
  runJob(context, args as unknown as JobArgs, "drills", (repository) =>
    drillIn(context, { repository, say, signal }),
  );
