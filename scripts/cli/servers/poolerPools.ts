import type { PoolerFacts } from "../../../contract/health/facts";
import { connect } from "../../engine/connect";
import { execIn } from "../../engine/exec";
import { isUnreachable, unreachable } from "../../engine/unreachable";
import { poolsScript, readPools } from "../../pooler";
import type { Located } from "../stack/outputs";
import { CliError } from "../terminal/cliError";

/** What PgBouncer says of its pools. */
export async function poolerPools({ name, host }: Located): Promise<PoolerFacts> {
  const engine = connect(host ? { host } : {});
  const said = await execIn(
    engine,
    name,
    ["bash", "-s"],
    poolsScript,
    AbortSignal.timeout(10_000),
  ).catch((error: Error & { statusCode?: number }) => {
    if (isUnreachable(error)) throw new CliError(unreachable(host, error));
    if (error.statusCode === 404)
      throw new CliError(`There is no container ${name}: bring the stack up to make it.`);
    if (error.statusCode === 409)
      throw new CliError(`The pooler ${name} is not running: bring the stack up to start it.`);
    throw new CliError(`The pooler ${name} could not be asked: ${error.message}.`);
  });
  const facts = readPools(said.stdout);
  if (!facts) throw new CliError(`PgBouncer in ${name} does not answer.`);
  return facts;
}
