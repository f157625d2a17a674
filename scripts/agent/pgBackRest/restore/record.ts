import { z } from "zod";
import type { RestoreRecordRequest } from "../../../../contract/agentRequests";
import type { JobRecord } from "../../../../contract/jobRecord";
import type { Context } from "../../kit/context";
import { Failure } from "../../kit/failure";
import { writeRecord } from "../../kit/records";

const amount = z.number().finite().nonnegative();

const request: z.ZodType<RestoreRecordRequest> = z.object({
  target: z.string(),
  set: z.string().min(1),
  bytes: amount,
  seconds: amount,
  replay: z.object({ bytes: amount, seconds: amount }),
});

/** Notes a restore that the operator's command has made. It ended now. */
export async function noteRestore(
  context: Context,
  args: Record<string, unknown>,
): Promise<JobRecord> {
  const read = request.safeParse(args);
  if (!read.success) throw new Failure("What a restore took is not given as it should be.");
  const { target, ...restore } = read.data;
  const now = Date.now();
  const ms = (restore.seconds + restore.replay.seconds) * 1000;
  const record: JobRecord = {
    ...{ job: "restore", trigger: "operator", result: "success" },
    startedAt: new Date(now - ms).toISOString(),
    endedAt: new Date(now).toISOString(),
    detail: `Restored beside the primary: ${target}.`,
    restore,
  };
  await writeRecord(context, record);
  return record;
}
