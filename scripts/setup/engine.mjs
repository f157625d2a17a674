#!/usr/bin/env node
// Speaks to a Docker engine with what Node itself has: set-up needs it before any package is there.
//   engine.mjs [--host H] ping | missing <image…> | can-pull <image> | volumes <label=value>
//                         | remove-volume <name…> | import <repository:tag> <arch> (tar on stdin)
//                         | copy <image> (from the default engine to H)
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { homedir } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers";
import { URLSearchParams } from "node:url";

const probeMilliseconds = 5000;
const fallbackHost = process.env.DOCKER_HOST || "unix:///var/run/docker.sock";

/** How node's http reaches an engine: a socket, TCP with or without TLS, or a process that is one. */
function transport(host) {
  const url = new URL(host);
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

function call(host, method, path, { body, milliseconds } = {}) {
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

async function json(host, path, limits = { milliseconds: probeMilliseconds }) {
  const answer = await call(host, "GET", path, limits);
  const body = JSON.parse(await text(answer));
  if (answer.statusCode >= 400) throw new Error(body.message);
  return body;
}

/** Docker reports what went wrong in the last line of a stream that began with 200. */
async function streamed(answer) {
  const words = await text(answer);
  const failure = /"(?:error|message)":"((?:[^"\\]|\\.)*)"/.exec(words);
  if (answer.statusCode >= 400 || failure) throw new Error(failure?.[1] ?? words);
}

const commands = {
  async ping(host) {
    const { Version, Arch } = await json(host, "/version");
    console.log(`${Version} ${Arch}`);
  },
  async missing(host, ...images) {
    const { statusCode } = await call(host, "HEAD", "/_ping", { milliseconds: probeMilliseconds });
    if (statusCode !== 200) throw new Error(`the engine answers ${statusCode}`);
    for (const image of images) {
      const answer = await call(host, "GET", `/images/${image}/json`);
      answer.resume();
      if (answer.statusCode !== 200) console.log(image);
    }
  },
  async "can-pull"(host, image) {
    await json(host, `/distribution/${image}/json`);
  },
  async import(host, image, arch) {
    const [repo, tag] = image.split(":");
    const query = new URLSearchParams({
      fromSrc: "-",
      repo,
      tag,
      platform: `linux/${arch}`,
      changes: 'CMD ["bash"]',
    });
    await streamed(await call(host, "POST", `/images/create?${query}`, { body: process.stdin }));
  },
  async copy(host, image) {
    const tar = await call(fallbackHost, "GET", `/images/${image}/get`);
    if (tar.statusCode !== 200) throw new Error(await text(tar));
    await streamed(await call(host, "POST", "/images/load?quiet=1", { body: tar }));
  },
  async volumes(host, label) {
    const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
    for (const { Name } of (await json(host, `/volumes?filters=${filters}`)).Volumes ?? [])
      console.log(Name);
  },
  async "remove-volume"(host, ...names) {
    for (const name of names) {
      const answer = await call(host, "DELETE", `/volumes/${name}`);
      const words = await text(answer);
      if (answer.statusCode >= 400 && answer.statusCode !== 404)
        throw new Error(JSON.parse(words).message);
    }
  },
};

const args = process.argv.slice(2);
const host = args[0] === "--host" ? args.splice(0, 2)[1] || fallbackHost : fallbackHost;
const [command, ...rest] = args;
try {
  if (!commands[command]) throw new Error(`no such command: ${command}`);
  await commands[command](host, ...rest);
  process.exit(0);
} catch (error) {
  console.error(`${host}: ${error.message}`);
  process.exit(1);
}
