import { type Options, readFlags } from "./flags";
import { checkHealth, serveHealth, socketAnswers } from "./health";
import { log, setLevel } from "./log";
import { proxyServer } from "./server";

const announcement =
  "laterbase stand-in for wollomatic/socket-proxy:1.13.1: it allows and refuses requests by its " +
  "flags as the original does. It reads no SP_ variables and no labels, and has no watchdog.";

async function main(): Promise<void> {
  if (process.argv[2] === "--laterbase-healthcheck") return end((await checkHealth()) ? 0 : 1);
  process.stdout.write(`${announcement}\n`);
  if (Object.keys(process.env).some((name) => name.startsWith("SP_"))) {
    process.stderr.write("This stand-in ignores SP_ variables: give flags instead.\n");
    return end(1);
  }
  let options: Options;
  try {
    options = readFlags(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return end(2);
  }
  setLevel(options.logLevel);
  for (const [method, rules] of options.rules)
    process.stdout.write(`   ${method.padEnd(8)} ${rules.map(({ source }) => source).join(" ")}\n`);
  if (!(await socketAnswers(options.socketPath))) {
    log("ERROR", "socket not available", { socketpath: options.socketPath });
    return end(2);
  }
  listen(options);
}

function listen(options: Options): void {
  const server = proxyServer(options);
  server.on("error", (error) => {
    log("ERROR", "error listening on address", { error: error.message });
    end(2);
  });
  server.listen(options.proxyPort, options.listenIp, () =>
    log("INFO", "socket-proxy running and listening..."),
  );
  if (options.allowHealthcheck) serveHealth(options.socketPath);
  const stop = () => {
    log("INFO", "received stop signal - shutting down");
    // Upgraded connections would keep the process alive as long as their commands run.
    server.close();
    end(0);
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
}

function end(code: number): void {
  process.exit(code);
}

void main();
