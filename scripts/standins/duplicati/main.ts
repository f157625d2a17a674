import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { pino } from "pino";
import { cli } from "./cli";
import { makeServer } from "./server";
import { Store } from "./store";
import { Tasks } from "./tasks";

const announcement =
  "laterbase stand-in for duplicati/duplicati: it implements the part of Duplicati's interface that " +
  "Laterbase uses, and stores whole archives to file:// targets. It is not Duplicati: it does not " +
  "deduplicate, and it restores whole archives only.";
const logger = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime });

async function start(): Promise<void> {
  logger.info(announcement);
  const { env } = process;
  const key = env["SETTINGS_ENCRYPTION_KEY"];
  if (!key && /^(true|1|yes|on)$/i.test(env["DUPLICATI__REQUIRE_DB_ENCRYPTION_KEY"] ?? "")) {
    throw new Error("The database must be encrypted, but SETTINGS_ENCRYPTION_KEY is not set.");
  }
  const folder = join(env["XDG_CONFIG_HOME"] || "/data", "Duplicati");
  const store = new Store(join(folder, "laterbase-stand-in.json"), key || undefined);
  const hosts = (env["DUPLICATI__WEBSERVICE_ALLOWED_HOSTNAMES"] ?? "").split(";");
  const server = makeServer({
    store,
    tasks: new Tasks(store, (line) => logger.info(line)),
    // As in the real one, a login is impossible when no password is set.
    password: env["DUPLICATI__WEBSERVICE_PASSWORD"] || randomBytes(32).toString("hex"),
    hosts: hosts.filter((host) => host !== ""),
    tokenSeconds: 15 * 60,
  });
  const port = Number(env["DUPLICATI__WEBSERVICE_PORT"] || 8200);
  await server.ready();
  // Not by fastify's own listen, which does not fall back to IPv4 where there is no IPv6.
  server.server.listen(port, () => logger.info(`listening on port ${port}`));
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      // An archive that is being written has a temporary name; the next run writes it again.
      logger.info("ended");
      process.exit(0);
    });
  }
}

const [first, ...words] = process.argv.slice(2);
if (first === "cli") {
  void cli(words).then((code) => (process.exitCode = code));
} else {
  start().catch((error: Error) => {
    logger.fatal(error.message);
    process.exitCode = 1;
  });
}
