import { type IncomingMessage, request } from "node:http";
import type { AgentOverview } from "../../../../contract/agentOverview";
import { Failure } from "../../kit/failure";

const patienceMs = 6000;
/** A thousand databases with their newest dumps take a few hundred kB. */
const mostBytes = 8 * 1024 * 1024;

/** Asks the agent what it knows. Not fetch, whose code takes more memory than the monitor's own. */
export function askOverview(
  { host, port }: { host: string; port: number },
  token: string,
): Promise<AgentOverview> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        ...{ host, port, path: "/overview", agent: false, timeout: patienceMs },
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(patienceMs),
      },
      (answer) => void readAnswer(answer).then(resolve, reject),
    );
    asked.on("timeout", () => asked.destroy(silent()));
    asked.on("error", (error) => reject(error.name === "AbortError" ? silent() : error));
    asked.end();
  });
}

const silent = () => Object.assign(new Failure("It did not answer."), { code: "ETIMEDOUT" });

async function readAnswer(answer: IncomingMessage): Promise<AgentOverview> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) {
      answer.destroy();
      throw new Failure("Its answer is too long.");
    }
    chunks.push(chunk);
  }
  const { statusCode } = answer;
  if (statusCode === 401) throw new Failure("It does not accept the monitor's token.");
  if (statusCode !== 200) throw new Failure(`It answers with the status ${statusCode}.`);
  const found = JSON.parse(Buffer.concat(chunks).toString("utf8")) as AgentOverview;
  if (!Array.isArray(found.jobs) || !Array.isArray(found.disks) || !Array.isArray(found.running))
    throw new Failure("Its answer is that of another release.");
  return found;
}
