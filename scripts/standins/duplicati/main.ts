import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { makeServer } from "./server";
import { Store } from "./store";
import { Tasks } from "./tasks";

const log = (line: string) => console.log(line);

log(
  "laterbase stand-in for duplicati/duplicati: it speaks the part of its interface that Laterbase uses and stores whole archives to file:// targets; it is not Duplicati, deduplicates nothing and cannot restore by itself.",
);

function start(): void {
  const { env } = process;
  const key = env["SETTINGS_ENCRYPTION_KEY"];
  if (!key && /^(true|1|yes|on)$/i.test(env["DUPLICATI__REQUIRE_DB_ENCRYPTION_KEY"] ?? "")) {
    throw new Error("The database must be encrypted, and SETTINGS_ENCRYPTION_KEY is not set.");
  }
  const folder = join(env["XDG_CONFIG_HOME"] || "/data", "Duplicati");
  const store = new Store(join(folder, "laterbase-stand-in.json"), key || undefined);
  const hosts = (env["DUPLICATI__WEBSERVICE_ALLOWED_HOSTNAMES"] ?? "").split(";");
  const server = makeServer({
    store,
    tasks: new Tasks(store, log),
    // Like the real one, nobody can log in where none was set.
    password: env["DUPLICATI__WEBSERVICE_PASSWORD"] || randomBytes(32).toString("hex"),
    hosts: hosts.filter((host) => host !== ""),
    tokenSeconds: 15 * 60,
  });
  const port = Number(env["DUPLICATI__WEBSERVICE_PORT"] || 8200);
  server.listen(port, () => log(`listening on port ${port}`));
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      // What is being written stands beside, and is made anew by the next run.
      log("ended");
      process.exit(0);
    });
  }
}

try {
  start();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
