import { Capture } from "./capture";
import { checkConnection, type Connection } from "./connection";
import { dial } from "./dial";
import { COMMON_INPUTS, commandKind, previousOutput, type CommandInputs } from "./kind";
import { execute } from "./session";

interface RemoteInputs extends CommandInputs {
  connection: Connection;
}

/** `command:remote:Command`. */
export const remoteCommand = commandKind({
  forms: { ...COMMON_INPUTS, connection: "object" },
  secretOutputs: ["connection"],
  check: checkConnection,

  run: async (ctx, command, inputs, previous) => {
    const { connection, environment, stdin, logging } = inputs as unknown as RemoteInputs;
    const client = await dial(connection, ctx);
    try {
      const capture = new Capture(logging, (line) => ctx.status(line));
      await execute(client, {
        command,
        stdin,
        capture,
        environment: environment ?? {},
        previous: previousOutput(inputs, previous),
        ctx,
      });
      return capture.printed();
    } finally {
      client.end();
    }
  },
});
