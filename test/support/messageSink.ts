import { ok, run } from "./process";
import type { Stack } from "./stack";

/** What a webhook gets: docs/health-messages.md. */
export interface ToldMessage {
  event: "change" | "reminder" | "test";
  timestamp: string;
  status: string;
  sentence: string;
  checks: ToldCheck[];
}

export interface ToldCheck {
  name: string;
  status: string;
  sentence: string;
  command: string | null;
  lasted_seconds: number | null;
}

/** Writes what it gets, a line each, to its log. */
const program = `
  require("http").createServer((request, answer) => {
    let body = "";
    request.on("data", (part) => (body += part));
    request.on("end", () => (console.log(body), answer.end()));
  }).listen(9000);
  process.on("SIGTERM", () => process.exit(0));`;

/** A webhook in a stack's network, which keeps the messages that its monitor sends. */
export class MessageSink {
  private readonly name: string;

  constructor(private readonly stack: Stack) {
    this.name = `${stack.name}-sink`;
  }

  /** For `laterbase:health.notify`, as the monitor reaches it. */
  get url(): string {
    return `http://${this.name}:9000/`;
  }

  /** Starts it, in the network of a stack that is up. */
  async start(): Promise<void> {
    const inspect = ["inspect", "--format", "{{.Config.Image}}", this.stack.container("agent")];
    const image = (await ok("docker", inspect)).trim();
    const place = ["--name", this.name, "--network", `laterbase-${this.stack.name}`];
    const words = ["--entrypoint", "/opt/node/bin/node", image, "-e", program];
    await ok("docker", ["run", "--detach", ...place, ...words]);
  }

  remove(): Promise<unknown> {
    return run("docker", ["rm", "--force", this.name]);
  }

  /** Everything that arrived, the oldest first. */
  async messages(): Promise<ToldMessage[]> {
    const lines = (await ok("docker", ["logs", this.name])).split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line) as ToldMessage);
  }
}
