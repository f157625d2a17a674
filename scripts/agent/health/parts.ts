import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { agentPaths } from "../../../contract/agentPaths";
import {
  type HealthConfig,
  healthFiles,
  historyFolder,
  type NotifyTarget,
  type PingedJob,
} from "../../../contract/health/config";
import { Failure } from "../kit/failure";
import { openHistory } from "./history/history";
import { metricsOf } from "./metrics/metrics";
import { notifier } from "./notify/notifier";
import { pageOf, styleHash } from "./page/page";
import type { Parts } from "./serve";

/** What the monitor has besides its looks: a memory, a page, metrics and messages. */
export function makeParts(
  { stack, timeZone }: HealthConfig,
  log: (sentence: string) => void,
  { etc, folder } = { etc: agentPaths.etc, folder: historyFolder },
): Parts {
  const history = openHistory(folder, log);
  const targets = listed<NotifyTarget[]>(join(etc, healthFiles.notify)) ?? [];
  const pings = listed<Partial<Record<PingedJob, string>>>(join(etc, healthFiles.pings)) ?? {};
  const messages = notifier({ config: { stack, timeZone }, targets, pings, folder, log });
  return {
    ...{ history, metrics: metricsOf, notifier: messages },
    page: { of: (now) => pageOf(now, history, { stack, timeZone }), styleHash },
    problems: () => {
      const historyProblem = history.problem();
      const undelivered = messages.problems();
      return {
        ...(historyProblem === undefined ? {} : { historyProblem }),
        ...(undelivered.length > 0 ? { undelivered } : {}),
      };
    },
  };
}

/** What a secret file holds. Undefined: there is no such file. Nothing of it is in an error. */
function listed<T>(file: string): T | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch {
    throw new Failure(`${file} cannot be read, or is not JSON.`);
  }
}
