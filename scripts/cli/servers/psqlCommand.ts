import { maintenanceDatabase } from "../../../contract/maintenanceDatabases";
import { socketFolder } from "../../../contract/names";
import { agentOf, type KnownOutputs, type Located, primaryOf } from "../stack/outputs";
import { word } from "../terminal/format";

/**
 * The whole command line that runs statements on the primary as its superuser: by its own socket, or
 * for an external one from the agent's container, where psql asks for the password.
 *
 * @param user the superuser
 * @param from where the agent reaches the primary
 */
export function psqlCommand(
  stack: string,
  outputs: KnownOutputs,
  user: string,
  from: { host: string; port: number },
  statements: readonly string[],
): string {
  const primary = primaryOf(outputs);
  const where = primary
    ? ["-h", socketFolder("primary"), "-U", user]
    : ["-h", from.host, "-p", String(from.port), "-U", user];
  const words = [
    "psql",
    ...where,
    "-d",
    maintenanceDatabase,
    ...statements.flatMap((sql) => ["-c", sql]),
  ];
  return dockerExec(primary ?? agentOf(stack, outputs), words);
}

/** The whole command line that copies a file of a container into the operator's folder. */
export function dockerCopy({ name, host }: Located, path: string): string {
  return ["docker", ...(host ? ["--host", host] : []), "cp", `${name}:${path}`, "."]
    .map(word)
    .join(" ");
}

/** The whole command line that runs a program in a container. */
export function dockerExec({ name, host }: Located, words: readonly string[]): string {
  const docker = ["docker", ...(host ? ["--host", host] : []), "exec", "-it", name];
  return [...docker, ...words].map(word).join(" ");
}
