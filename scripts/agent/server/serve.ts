import { access, mkdir } from "node:fs/promises";
import { constants } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { keepUp } from "./missedRuns";
import { commands } from "./commands";
import { type Context, openContext } from "../kit/context";
import { Failure, sentenceOf, withStop } from "../kit/failure";
import { takeBackups } from "../dump/folders";
import { forgetReaders } from "../dump/reading";
import { listen } from "./socketServer";
import { Status } from "./status";

const AGAIN_MS = 15_000;

/** The agent itself: answers requests and makes up for what the scheduler did not begin. */
export async function serve(): Promise<void> {
  process.umask(0o027);
  const context = openContext();
  const ended = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    process.on(name, () => ended.abort(new Failure("The agent was stopped.")));
  }
  await mkdir(context.paths.run, { recursive: true });
  await forgetReaders(context);
  const status = new Status(context);
  try {
    await prepare(context, status, ended.signal);
    const server = await listen(context, commands, ended.signal);
    status.set("running");
    status.watch();
    context.log("ready");
    const jobs = {
      dump: commands.dump.command,
      upload: commands.upload.command,
      tell: (detail: string) => status.tell(detail),
    };
    await keepUp(context, jobs, ended.signal).catch((error: unknown) => {
      if (!ended.signal.aborted) throw error;
    });
    await server.close();
  } catch (error) {
    if (!ended.signal.aborted) throw error;
  } finally {
    status.stop();
  }
  context.log("stopped");
}

/** Removes what a crash left, as soon as the folders are ours and can be written. */
async function prepare(context: Context, status: Status, signal: AbortSignal): Promise<void> {
  for (let said = ""; ; await sleep(AGAIN_MS, undefined, { signal })) {
    try {
      const left = await takeBackups(context);
      await access(context.paths.records, constants.W_OK);
      if (left > 0) context.log(`removed ${left} unfinished dumps that a crash had left`);
      return;
    } catch (error) {
      const detail = withStop(sentenceOf(error));
      status.set("failed", detail);
      if (detail !== said) context.log(detail);
      said = detail;
    }
  }
}
