import { Capture } from "./capture";
import { COMMON_INPUTS, commandKind, previousOutput, type CommandInputs } from "./kind";
import { runProcess } from "./process";

interface LocalInputs extends CommandInputs {
  interpreter?: string[];
  dir?: string;
}

/** `command:local:Command`. */
export const localCommand = commandKind({
  forms: { ...COMMON_INPUTS, interpreter: "strings", dir: "string" },

  run: async (ctx, command, inputs, previous) => {
    const { interpreter, dir, environment, stdin, logging } = inputs as LocalInputs;
    const capture = new Capture(logging, (line) => ctx.status(line));
    await runProcess({
      interpreter: interpreter?.length ? interpreter : ["/bin/sh", "-c"],
      command,
      dir: dir ?? process.cwd(),
      env: { ...process.env, ...environment, ...previousOutput(inputs, previous) },
      stdin,
      capture,
      signal: ctx.signal,
    });
    return capture.printed();
  },
});
