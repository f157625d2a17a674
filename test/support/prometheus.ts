import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where the rules, the dashboard and their tests are. */
export const monitoring = join(__dirname, "../../examples/monitoring");

/** Runs promtool in that folder. */
export function promtool(words: string[], input = ""): { code: number | null; said: string } {
  const { status, stdout, stderr, error } = spawnSync("promtool", words, {
    ...{ cwd: monitoring, encoding: "utf8", input },
  });
  if (error) {
    throw new Error("promtool is missing: install it (apt-get install prometheus).", {
      cause: error,
    });
  }
  return { code: status, said: `${stdout}${stderr}`.trim() };
}

/** A port of this machine that nothing listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** A program that waits for requests, until it is stopped. What it says is in a file. */
export function daemon(program: string, words: string[], log: string): () => Promise<void> {
  const child: ChildProcess = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"] });
  const file = createWriteStream(log);
  child.stdout!.pipe(file, { end: false });
  child.stderr!.pipe(file, { end: false });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  return async () => {
    child.kill("SIGTERM");
    await ended;
    file.end();
  };
}

/** What a Prometheus answers a query with. */
export async function query(
  port: number,
  expression: string,
): Promise<{ metric: Record<string, string>; value: [number, string] }[]> {
  const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`;
  const answer = (await (await fetch(url)).json()) as any;
  if (answer.status !== "success") throw new Error(`${expression}: ${answer.error}`);
  return answer.data.result;
}

/** An alert that a Prometheus has. */
export interface Alert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: "pending" | "firing";
}

/** A Prometheus that asks a monitor by the configuration and the rules of the examples. Only the times are shorter. */
export class Prometheus {
  readonly folder = mkdtempSync(join(tmpdir(), "lbt-prometheus-"));
  private stopped: (() => Promise<void>) | undefined;
  private constructor(readonly port: number) {}

  /**
   * @param monitorPort on 127.0.0.1
   * @param alertmanagerPort default: nothing listens there
   */
  static async start(monitorPort: number, alertmanagerPort?: number): Promise<Prometheus> {
    const prometheus = new Prometheus(await freePort());
    const { folder, port } = prometheus;
    const example = (name: string) => readFileSync(join(monitoring, name), "utf8");
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
    const manager = alertmanagerPort ?? (await freePort());
    write(
      "prometheus.yml",
      example("prometheus.yml")
        .replaceAll("15s", "1s")
        .replace("127.0.0.1:8080", `127.0.0.1:${monitorPort}`)
        .replace("127.0.0.1:9093", `127.0.0.1:${manager}`),
    );
    write("laterbase.rules.yml", example("laterbase.rules.yml").replace(/for: \d+m/g, "for: 2s"));
    const file = (name: string) => join(folder, name);
    const words = [
      `--config.file=${file("prometheus.yml")}`,
      `--storage.tsdb.path=${file("data")}`,
    ];
    prometheus.stopped = daemon(
      "prometheus",
      [...words, `--web.listen-address=127.0.0.1:${port}`],
      file("prometheus.log"),
    );
    return prometheus;
  }

  /** What alerts, or is about to. */
  async alerts(): Promise<Alert[]> {
    const answer = await fetch(`http://127.0.0.1:${this.port}/api/v1/alerts`);
    return ((await answer.json()) as { data: { alerts: Alert[] } }).data.alerts;
  }

  async stop(): Promise<void> {
    await this.stopped?.();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Every query of the dashboard, by its panel. */
export function dashboardQueries(dashboard: any): { title: string; expression: string }[] {
  return dashboard.panels.flatMap(({ title, targets = [] }: any) =>
    targets.map(({ expr }: { expr: string }) => ({
      title,
      expression: expr.replaceAll("$stack", "dev").replaceAll("$__rate_interval", "1m"),
    })),
  );
}
