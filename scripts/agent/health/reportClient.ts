import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { agentPaths } from "../../../contract/agentPaths";
import { healthFiles, healthPorts } from "../../../contract/health/config";
import { codeOf, Failure } from "../kit/failure";

const patienceMs = 5000;

/**
 * `health-report`: prints what the monitor in this container answers to `GET /health`, in one line. The token goes from
 * its file into the request, and nowhere else. Returns the exit code.
 */
export async function printReport(
  etc: string = agentPaths.etc,
  port: number = healthPorts.page,
): Promise<number> {
  const token = tokenIn(etc);
  const { status, body } = await get(port, token);
  if (status !== 200 && status !== 503) throw new Failure(`The monitor answers ${status}.`);
  process.stdout.write(`${JSON.stringify(JSON.parse(body))}\n`);
  return 0;
}

function tokenIn(etc: string): string | undefined {
  try {
    return readFileSync(join(etc, healthFiles.token), "utf8").trim();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function get(port: number, token: string | undefined): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = {
      accept: "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const at = { host: "127.0.0.1", port, path: "/health", headers, agent: false };
    const asked = request({ ...at, signal: AbortSignal.timeout(patienceMs) }, (answer) => {
      text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject);
    });
    asked.on("error", (error) => {
      const silent = codeOf(error) === "ABORT_ERR";
      const why = silent ? `did not answer within ${patienceMs / 1000} s` : "does not answer";
      reject(new Failure(`The monitor ${why}.`));
    });
    asked.end();
  });
}
