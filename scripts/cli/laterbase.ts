import type * as Asking from "./servers/askAgent";
import type * as Serving from "./servers/servers";
import { main } from "./main";
import { withSetUp } from "./setUp";
import { readStackState } from "./stack/stackState";
import { terminal } from "./terminal/terminal";

// The operator's command: npm run laterbase -- <command>.

const interrupted = new AbortController();
// The second signal ends the process at once.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => interrupted.abort());
}
// A reader that went away, such as `head`, or a closed terminal: the command ends as if it was interrupted.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", () => interrupted.abort());
}

const args = process.argv.slice(2);
let state: ReturnType<typeof readStackState> | undefined;
const readStack = (stack: string) => (state ??= readStackState(stack));

const ran = main(args, {
  readStack,
  readOutputs: async (stack) => (await readStack(stack)).outputs(),
  // The Docker client loads slowly, and --help and credentials do without it.
  /* eslint-disable @typescript-eslint/no-require-imports -- loaded late, in CommonJS */
  get askAgent() {
    return (require("./servers/askAgent") as typeof Asking).askAgent;
  },
  get servers() {
    return (require("./servers/servers") as typeof Serving).servers;
  },
  /* eslint-enable @typescript-eslint/no-require-imports */
  terminal: terminal(),
  signal: interrupted.signal,
});
void withSetUp(ran, args).then((code) => (process.exitCode = code));
