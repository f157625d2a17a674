// How Node alone reaches a Docker engine: set-up needs that before any package is there.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { homedir } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers";

export const probeMilliseconds = 5000;
export const fallbackHost = process.env.DOCKER_HOST || "unix:///var/run/docker.sock";

/** How node's http reaches an engine: a socket, TCP with or without TLS, or a process that is one. */
function transport(host) {
  const url = new URL(host || fallbackHost);
  switch (url.protocol) {
    case "unix:":
      return { module: http, options: { socketPath: url.pathname, agent: false } };
    case "ssh:":
      return { module: http, options: { createConnection: () => overSsh(url) } };
    case "tcp:":
    case "http:":
    case "https:": {
      const where = { host: url.hostname, port: url.port || undefined, agent: false };
      if (url.protocol !== "https:" && !process.env.DOCKER_TLS_VERIFY)
        return { module: http, options: where };
      const path = process.env.DOCKER_CERT_PATH || join(homedir(), ".docker");
      const [ca, cert, key] = ["ca.pem", "cert.pem", "key.pem"].map((n) =>
        readFileSync(join(path, n)),
      );
      return { module: https, options: { ...where, ca, cert, key } };
    }
    default:
      throw new Error(
        `an engine's address starts with unix://, tcp:// or ssh://, not ${url.protocol}`,
      );
  }
}

/** The user's own ssh, so that ~/.ssh/config and known_hosts hold; it never asks, it fails. */
function overSsh(url) {
  const args = ["-o", "ConnectTimeout=5", "-o", "BatchMode=yes"];
  if (url.port) args.push("-p", url.port);
  args.push(url.username ? `${decodeURIComponent(url.username)}@${url.hostname}` : url.hostname);
  const child = spawn("ssh", [...args, "--", "docker", "system", "dial-stdio"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const socket = Duplex.from({ readable: child.stdout, writable: child.stdin });
  child.on("error", (error) => socket.destroy(error));
  socket.on("close", () => child.kill());
  return socket;
}

/** One request; the answer is a stream. An empty host is the default engine. */
export function call(host, method, path, { body, milliseconds } = {}) {
  const { module, options } = transport(host);
  return new Promise((resolve, reject) => {
    const request = module.request(
      { ...options, method, path, headers: body ? { "Content-Type": "application/x-tar" } : {} },
      resolve,
    );
    request.on("error", reject);
    if (milliseconds)
      setTimeout(
        () => request.destroy(new Error(`no answer within ${milliseconds / 1000} s`)),
        milliseconds,
      ).unref();
    if (body) body.pipe(request);
    else request.end();
  });
}

/** What the engine answers to a GET; its own words are the error. */
export async function json(host, path, limits = { milliseconds: probeMilliseconds }) {
  const answer = await call(host, "GET", path, limits);
  const body = JSON.parse(await text(answer));
  if (answer.statusCode >= 400) throw new Error(body.message);
  return body;
}
