/**
 * What the agent's own process gets from `images/agent/bin/laterbase-agent` so that it takes less memory. Its code
 * runs slower by it, so a process that works gets none of it.
 */
const lean = {
  flags: ["--no-opt", "--optimize-for-size"],
  variable: "MALLOC_TRIM_THRESHOLD_",
} as const;

/** Node's arguments for a process that works at full speed. */
export function fullSpeed(execArgv: readonly string[]): string[] {
  return execArgv.filter((flag) => !lean.flags.some((one) => one === flag));
}

/** Keeps the processes that this one starts from taking it over. glibc has read it already. */
export function staysHere(environment: NodeJS.ProcessEnv): void {
  delete environment[lean.variable];
}
