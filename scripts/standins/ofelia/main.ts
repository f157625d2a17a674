import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { readConfig } from "./config";
import { Engine } from "./engine";
import { ExecJob, LocalJob } from "./job";
import { log } from "./log";
import { Scheduler } from "./scheduler";

const announcement =
  "laterbase stand-in for mcuadros/ofelia:0.3.21: it runs the job-exec and job-local jobs of an " +
  "INI file as Ofelia does. It has no labels, no other kinds of jobs, no mail, no Slack and no saved runs.";

const usage = `Usage:
  ofelia [OPTIONS] <daemon | validate>

Available commands:
  daemon    daemon process
  validate  validates the config file
`;

async function main(): Promise<void> {
  process.stdout.write(`${announcement}\n`);
  const [command, ...rest] = process.argv.slice(2);
  if (command !== "daemon" && command !== "validate") return fail(usage);
  let file: string;
  try {
    const options = { config: { type: "string", default: "/etc/ofelia.conf" } } as const;
    file = parseArgs({ args: rest, options, strict: true }).values.config;
  } catch {
    return fail(`${usage}\nThe only option of this stand-in is --config.`);
  }
  const jobs = readConfig(contentOf(file), file);
  if (command === "validate") {
    process.stdout.write(`Validating "${file}" ... OK\nFound ${jobs.length} jobs:\n`);
    return;
  }
  const engine = new Engine();
  const scheduler = new Scheduler();
  for (const job of jobs)
    scheduler.add(job.kind === "job-exec" ? new ExecJob(job, engine) : new LocalJob(job));
  scheduler.start();
  const signal = await firstSignal();
  const meant = signal === "SIGTERM" ? "terminated" : "interrupt";
  log("WARNING", "daemon.go:70", `Signal received: ${meant}, shutting down the process\n`);
  await scheduler.stop();
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      ENOENT: "no such file or directory",
      EACCES: "permission denied",
    };
    throw new Error(`open ${file}: ${reasons[code] ?? code}`, { cause: error });
  }
}

/** As in Ofelia, later signals have no effect. */
function firstSignal(): Promise<"SIGTERM" | "SIGINT"> {
  return new Promise((resolve) => {
    process.on("SIGTERM", () => resolve("SIGTERM"));
    process.on("SIGINT", () => resolve("SIGINT"));
  });
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    fail(error instanceof Error ? error.message : String(error));
    process.exit();
  },
);
