import { askAgent } from "../../scripts/cli/servers/askAgent";
import { servers } from "../../scripts/cli/servers/servers";
import { main } from "../../scripts/cli/main";
import type { Connections } from "../../scripts/cli/session";
import type { KnownOutputs, Located } from "../../scripts/cli/stack/outputs";

/** Containers that a command of the operator works on, in place of a stack's. */
export interface Operated {
  outputs: KnownOutputs;
  /** The containers of the standbys, by name. */
  standbys: [string, Located][];
}

/** What commands talk to, where containers of a test stand for a stack. */
export function connectionsOf(
  { outputs, standbys }: Operated,
  terminal: Connections["terminal"],
): Connections {
  return {
    readOutputs: () => Promise.resolve(outputs),
    readStandbys: () => Promise.resolve(new Map(standbys)),
    ...{ askAgent, servers, terminal },
  };
}

// As a program of its own, which a test can kill: the containers are its first argument, and the command follows.
if (require.main === module) {
  const [operated = "{}", ...words] = process.argv.slice(2);
  void main(
    words,
    connectionsOf(JSON.parse(operated) as Operated, {
      print: (text) => process.stdout.write(`${text}\n`),
      progress: (line) => process.stderr.write(`${line}\n`),
    }),
  ).then((code) => (process.exitCode = code));
}
