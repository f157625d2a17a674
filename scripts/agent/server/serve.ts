import { once } from "node:events";
import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { groupMistake, takeBackups } from "../dump/folders";
import { inFolder, tryFolder } from "../dump/folderTrial";
import { refuseOtherFiles } from "../dump/otherFiles";
import { forgetReaders } from "../dump/reading";
import { openContext } from "../kit/context";
import { Failure, sentenceOf, withStop } from "../kit/failure";
import { retry } from "../kit/retry";
import { together } from "../kit/together";
import { scheduledJobs } from "../overview/jobs";
import { noteScheduled } from "../overview/scheduledSince";
import { afterDrill } from "./afterDrill";
import { Agent } from "./agent";
import { listen } from "./httpServer";
import { watchBackups } from "./backups";
import { staysHere } from "./lean";
import { MissedRuns } from "./missedRuns";
import { listenForMonitor } from "./overviewServer";
import { Status } from "./status";

const againMs = 15_000;

/** The agent itself: answers requests and makes up for runs that the scheduler missed. */
export async function serve(): Promise<void> {
  process.umask(0o027);
  staysHere(process.env);
  const agent = new Agent(openContext());
  const { context } = agent;
  const ended = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    process.on(name, () => ended.abort(new Failure("The agent was stopped.")));
  }
  await mkdir(context.paths.run, { recursive: true });
  await forgetReaders(context);
  const status = new Status(context);
  try {
    // Replay on the standby may be paused since the last agent was killed.
    if (context.config.backups?.repositories.length) await afterDrill(context);
    await prepare(agent, status, ended.signal);
    await noteScheduled(context, scheduledJobs(context.config)).catch((error: unknown) =>
      context.log(`since when jobs are scheduled is not noted: ${sentenceOf(error)}`),
    );
    const server = await listen(agent, ended.signal);
    const know = () => agent.run("overview", {}, () => undefined, ended.signal);
    const monitored = await listenForMonitor(context, know);
    status.set("running");
    status.watch();
    context.log("ready");
    const missed = new MissedRuns(agent, (detail) => status.explain(detail));
    const watches = [
      missed.watch(ended.signal),
      watchBackups(agent, status, ended.signal),
      // Where there is nothing to watch, because archiving is off, the agent still answers.
      once(ended.signal, "abort"),
    ];
    await together(watches, ended.signal).catch((error: unknown) => {
      if (!ended.signal.aborted) throw error;
    });
    await Promise.all([server.close(), monitored?.close()]);
  } catch (error) {
    if (!ended.signal.aborted) throw error;
  } finally {
    status.stop();
  }
  context.log("stopped");
}

/** Removes what a crash left, once the folders belong to this stack and can be written. */
async function prepare({ context }: Agent, status: Status, signal: AbortSignal): Promise<void> {
  let said = "";
  const take = async () => {
    await access(context.paths.records, constants.W_OK);
    // Without dumps there is nothing where they would be.
    if (context.config.dumps.databases.length === 0) return;
    await inFolder(context, "list a folder", () => refuseOtherFiles(context));
    const left = await inFolder(context, "make a folder", () => takeBackups(context));
    await tryFolder(context);
    const mistake = context.config.upload ? await groupMistake(context) : undefined;
    if (mistake) context.log(mistake);
    if (left > 0) context.log(`removed ${left} unfinished dumps that a crash had left`);
  };
  const onFailure = (error: unknown) => {
    const detail = withStop(sentenceOf(error));
    status.set("failed", detail);
    if (detail !== said) context.log(detail);
    said = detail;
  };
  await retry(take, { every: againMs, signal, onFailure });
}
