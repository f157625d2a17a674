import { createServer, request } from "node:http";
import { createConnection } from "node:net";
import { log } from "./log";

/** Whether a process listens on the engine's socket. */
export function socketAnswers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(socketPath);
    connection.setTimeout(5000, () => connection.destroy());
    connection.on("connect", () => {
      resolve(true);
      connection.destroy();
    });
    connection.on("error", () => resolve(false));
    connection.on("close", () => resolve(false));
  });
}

const address = { host: "127.0.0.1", port: 55555 };

/** Answers the health check, on the loopback only, by node:http: its heap has no room for fastify. */
export function serveHealth(socketPath: string): void {
  createServer((message, response) => {
    if (message.url !== "/health" || message.method !== "HEAD") {
      response.writeHead(message.url === "/health" ? 405 : 404).end();
      return;
    }
    void socketAnswers(socketPath).then((answers) => {
      if (!answers) log("ERROR", "health check failed", { origin: "healthcheck" });
      response.writeHead(answers ? 200 : 503).end();
    });
  })
    .on("error", (error) =>
      log("ERROR", "healthcheck http server problem", { error: error.message }),
    )
    .listen(address.port, address.host);
}

/** The check of the program /healthcheck. */
export function checkHealth(): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ ...address, path: "/health", method: "HEAD" }, (answer) =>
      resolve(answer.statusCode === 200),
    );
    asked.on("error", () => resolve(false));
    asked.end();
  });
}
