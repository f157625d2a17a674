import { InvalidArgumentError, Option } from "commander";

/** How long running transactions may take before the pooler pauses. */
export function waitOption(): Option {
  return new Option("--wait <seconds>", "how long running transactions may take to finish")
    .argParser(wholeSeconds)
    .default(60);
}

/** With more, the pooler would disconnect the first clients that wait: its query_wait_timeout is 120 s. */
const MOST = 100;

function wholeSeconds(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= MOST) return value;
  throw new InvalidArgumentError(`It must be a whole number of seconds from 1 to ${MOST}.`);
}
