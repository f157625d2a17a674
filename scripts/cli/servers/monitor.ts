import type Dockerode from "dockerode";
import type { HealthReport } from "../../../contract/health/report";
import { connect } from "../../engine/connect";
import { execIn } from "../../engine/exec";
import { isUnreachable, unreachable } from "../../engine/unreachable";
import type { Located } from "../stack/outputs";
import { CliError } from "../terminal/cliError";

const patienceMs = 10_000;

/** What the monitor of a stack says, by its own client inside its container. */
export async function monitorReport({ name, host }: Located): Promise<HealthReport> {
  const engine = connect(host ? { host } : {});
  return askMonitor(engine, name).catch((error: Error & { statusCode?: number }) => {
    if (error instanceof CliError) throw error;
    if (isUnreachable(error)) throw new CliError(unreachable(host, error));
    if (error.statusCode === 404)
      throw new CliError(`There is no container ${name}: bring the stack up to make it.`);
    if (error.statusCode === 409)
      throw new CliError(`The monitor ${name} is not running: bring the stack up to start it.`);
    throw new CliError(`The monitor ${name} could not be asked: ${error.message}.`);
  });
}

/**
 * The same on an engine.
 *
 * @throws CliError with the client's own sentence, or the engine's error
 */
export async function askMonitor(
  engine: Dockerode,
  container: string,
  signal: AbortSignal = AbortSignal.timeout(patienceMs),
): Promise<HealthReport> {
  const words = ["laterbase-agent", "health-report"];
  const { code, stdout, stderr } = await execIn(engine, container, words, "", signal);
  if (code === 0) return JSON.parse(stdout) as HealthReport;
  const said = stderr.trim().split("\n").at(-1);
  throw new CliError(said || `The monitor ${container} gave no answer (exit ${code}).`);
}
