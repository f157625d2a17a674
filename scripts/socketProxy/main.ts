import { proxyPort } from "../../contract/socketProxy";
import { log } from "./log";
import { readRules } from "./rules";
import { proxyServer } from "./server";

/** The engine's socket, where the component mounts it. */
const socketPath = "/var/run/docker.sock";

function main(): void {
  const rules = readRules(process.argv[2]);
  const server = proxyServer({ rules, socketPath });
  server.on("error", (error) => {
    log(error.message);
    process.exit(1);
  });
  server.listen(proxyPort, "0.0.0.0", () => {
    for (const { container, argv, user } of rules.commands)
      log(`${rules.client} may run in ${container} as ${user}: ${argv.join(" ")}`);
  });
  // Upgraded connections would keep the process alive as long as their commands run.
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => process.exit(0));
}

try {
  main();
} catch (error) {
  log(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
