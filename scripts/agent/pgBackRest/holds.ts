import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type HoldExpireRequest, longestHoldSeconds } from "../../../contract/agentRequests";
import type { Context } from "../kit/context";
import { Failure } from "../kit/failure";
import { writeByRename } from "../kit/files";

/** In the folder of the records, so a restart of the agent ends no hold. A restore has a file of its own. */
const prefix = "restore-at-work-";

const request: z.ZodType<HoldExpireRequest> = z.object({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  seconds: z.int().min(0).max(longestHoldSeconds),
});

/** Notes that a restore reads the repositories until a time, or ends that. */
export async function noteHold(
  { paths }: Pick<Context, "paths">,
  args: Record<string, unknown>,
): Promise<HoldExpireRequest> {
  const read = request.safeParse(args);
  if (!read.success) throw new Failure("What a restore holds is not given as it should be.");
  const { id, seconds } = read.data;
  const file = join(paths.records, `${prefix}${id}`);
  if (seconds === 0) await rm(file, { force: true });
  else {
    await mkdir(paths.records, { recursive: true, mode: 0o750 });
    await writeByRename(file, new Date(Date.now() + seconds * 1000).toISOString());
  }
  return read.data;
}

/** Whether a restore reads the repositories now. What a killed one has left is removed. */
export async function isHeld({ paths }: Pick<Context, "paths">): Promise<boolean> {
  const names = await readdir(paths.records).catch(() => []);
  const lefts = await Promise.all(
    names
      .filter((name) => name.startsWith(prefix))
      .map(async (name) => {
        const file = join(paths.records, name);
        const left = Date.parse(await readFile(file, "utf8").catch(() => "")) - Date.now();
        // Long over, so nobody renews it.
        if (left < -longestHoldSeconds * 1000) await rm(file, { force: true });
        return left;
      }),
  );
  // One that is further away was written before the clock was set back.
  return lefts.some((left) => left > 0 && left <= longestHoldSeconds * 1000);
}
