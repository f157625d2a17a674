import { readFileSync } from "node:fs";
import { join } from "node:path";
import { agentPaths } from "../../../../contract/agentPaths";
import type { Reply } from "../../../../contract/agentReplies";
import {
  type HealthConfig,
  healthFiles,
  type NotifyTarget,
} from "../../../../contract/health/config";
import type { TestResult } from "../../../../contract/health/notifyTest";
import { visibleJson } from "../../../../contract/visible";
import { codeOf } from "../../kit/failure";
import { failureOf } from "../kit/deliveryFailure";
import { messageOf } from "./message";
import { send, targetName } from "./targets";

const limitMs = 15_000;

export interface Tested {
  config: Pick<HealthConfig, "stack" | "timeZone">;
  targets: readonly NotifyTarget[];
  timeoutMs?: number;
}

/** Sends a test message through each target, all at the same time, and each once. */
export function testTargets({
  config,
  targets,
  timeoutMs = limitMs,
}: Tested): Promise<TestResult[]> {
  const message = messageOf({
    ...{ event: "test", stack: config.stack, at: new Date().toISOString(), verdict: "healthy" },
    sentence: "Messages about this stack arrive here. Nothing has to be done.",
    ...{ checks: [], others: [] },
  });
  return Promise.all(
    targets.map(async (target, index) => {
      const begun = performance.now();
      const seconds = () => Math.round((performance.now() - begun) / 100) / 10;
      const name = targetName(target, index);
      try {
        const note = await send(target, message, config.timeZone, timeoutMs);
        return {
          ...{ target: name, sent: true, seconds: seconds() },
          ...(note === undefined ? {} : { note }),
        };
      } catch (error) {
        return { target: name, sent: false, code: failureOf(error).code, seconds: seconds() };
      }
    }),
  );
}

/** `laterbase-agent notify-test`: one line of JSON with the results. 1: a target was not reached. */
export async function printTest(etc = agentPaths.etc): Promise<number> {
  const print = (reply: Reply) => process.stdout.write(`${visibleJson(reply)}\n`);
  try {
    const read = (file: string) => JSON.parse(readFileSync(join(etc, file), "utf8")) as unknown;
    const config = read(healthFiles.config) as HealthConfig;
    const targets = read(healthFiles.notify) as NotifyTarget[];
    const result = await testTargets({ config, targets });
    print({ result });
    return result.every(({ sent }) => sent) ? 0 : 1;
  } catch (error) {
    // The text of the error may hold a part of the file, which is secret.
    print({ error: `The targets of messages cannot be read (${codeOf(error) ?? "no JSON"}).` });
    return 1;
  }
}
