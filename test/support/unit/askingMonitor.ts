import { main } from "../../../scripts/cli/main";
import type { Connections } from "../../../scripts/cli/session";

/** Runs a command that asks the program in the monitor's container, which answers `result`. */
export async function askingMonitor(words: string[], result: unknown, plain: object) {
  const printed: string[] = [];
  const said: string[] = [];
  const asked: unknown[] = [];
  const connections: Connections = {
    readOutputs: () => Promise.reject(new Error("not read")),
    readStack: () =>
      Promise.resolve({
        ...{ state: { deployment: { resources: [] } }, plain, outputs: () => Promise.resolve({}) },
        open: () => Promise.resolve(undefined),
      }),
    askAgent: ((...[place, command, args]: unknown[]) => {
      asked.push([place, command, args]);
      return Promise.resolve(result);
    }) as never,
    servers: {} as never,
    terminal: { print: (text) => printed.push(text), progress: (text) => said.push(text) },
  };
  const code = await main(words, connections);
  return { code, printed: printed.join("\n"), said: said.join("\n"), asked };
}
