import { randomBytes, timingSafeEqual, createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { isIP } from "node:net";
import { json } from "node:stream/consumers";
import { addJob, changeJob, shown } from "./jobs";
import { HttpError, type Job } from "./shapes";
import type { Store } from "./store";
import type { Tasks } from "./tasks";

export interface ServerOptions {
  store: Store;
  tasks: Tasks;
  password: string;
  /** Besides addresses and localhost; "*" is any. */
  hosts: readonly string[];
  /** How long a login is good. */
  tokenSeconds: number;
}

interface Call {
  method: string;
  /** The path's parts below /api/v1. */
  path: string[];
  query: URLSearchParams;
  body: unknown;
}

/** Duplicati's interface, its health check and a page that says what this is. */
export function makeServer(options: ServerOptions): Server {
  const tokens = new Map<string, number>();
  return createServer((request, response) => {
    const send = (status: number, type: string, text: string) => {
      response.writeHead(status, { "Content-Type": type }).end(text);
    };
    const url = new URL(request.url ?? "/", "http://server");
    if (url.pathname === "/health") return send(200, "text/plain", "Healthy");
    if (!url.pathname.startsWith("/api/v1/")) return send(200, "text/html; charset=utf-8", page);
    answer(options, tokens, request, url).then(
      (result) =>
        result === undefined
          ? response.writeHead(200).end()
          : send(200, "application/json; charset=utf-8", JSON.stringify(result)),
      (error: Error) => {
        const status = error instanceof HttpError ? error.status : 500;
        const text = status === 500 ? "An error occurred" : error.message;
        if (status === 401 && text === "") response.writeHead(401).end();
        else send(status, "application/json", JSON.stringify({ Error: text, Code: status }));
      },
    );
  });
}

async function answer(
  options: ServerOptions,
  tokens: Map<string, number>,
  request: IncomingMessage,
  url: URL,
): Promise<unknown> {
  const { host = "", authorization = "" } = request.headers;
  if (!mayBeCalled(host, options.hosts)) {
    throw new HttpError(403, `Invalid hostname: ${hostName(host)}`);
  }
  const path = url.pathname.slice("/api/v1/".length).split("/").map(decodeURIComponent);
  const method = request.method ?? "GET";
  const body = method === "POST" || method === "PUT" ? await bodyOf(request) : undefined;
  if (path.join("/") === "auth/login" && method === "POST") {
    const given = (body as { Password?: unknown } | undefined)?.Password;
    if (!same(String(given), options.password)) throw new HttpError(401, "Failed to log in");
    const token = randomBytes(32).toString("base64url");
    tokens.set(token, Date.now() + options.tokenSeconds * 1000);
    return { AccessToken: token, RefreshNonce: null };
  }
  const until = tokens.get(authorization.replace(/^Bearer /, "")) ?? 0;
  if (until < Date.now()) throw new HttpError(401, "");
  return route(options, { method, path, query: url.searchParams, body });
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  if (!Number(request.headers["content-length"]) && !request.headers["transfer-encoding"]) {
    return undefined;
  }
  return json(request).catch(() => {
    throw new HttpError(400, "Bad Request");
  });
}

const hostName = (host: string) => host.replace(/:\d+$/, "");

function mayBeCalled(host: string, allowed: readonly string[]): boolean {
  const name = hostName(host).toLowerCase();
  const known = ["localhost", "localhost.localdomain", ...allowed.map((one) => one.toLowerCase())];
  return known.includes(name) || known.includes("*") || isIP(name.replace(/^\[|\]$/g, "")) !== 0;
}

function same(given: string, password: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(password));
}

function route({ store, tasks }: ServerOptions, call: Call): unknown {
  const { method, path, body } = call;
  const [what, id = "", action = ""] = path;
  switch (`${method} ${[what, id && "#", action].filter(Boolean).join("/")}`) {
    case "GET backups":
      return store.content.jobs.map((job) => ({ Backup: shown(job), Schedule: job.Schedule }));
    case "POST backups":
      return { ID: addJob(store, body).ID, Temporary: false };
    case "GET tasks":
      return tasks.queue();
    case "GET task/#":
      return tasks.state(Number(id));
    case "POST task/#/stop":
    case "POST task/#/abort":
      return tasks.stop(Number(id));
    case "GET serverstate":
      return tasks.serverState();
    case "POST serverstate/#":
      return tasks.pause(id === "pause");
    case "GET progressstate":
      return tasks.progressState();
  }
  if (what !== "backup") throw new HttpError(404, "Not found");
  const job = store.job(id);
  if (!job) throw new HttpError(404, "Backup not found");
  return jobRoute({ store, tasks }, job, action, call);
}

function jobRoute(
  { store, tasks }: Pick<ServerOptions, "store" | "tasks">,
  job: Job,
  action: string,
  { method, query, body }: Call,
): unknown {
  switch (`${method} ${action}`.trim()) {
    case "GET":
      return { Schedule: job.Schedule, Backup: shown(job), DisplayNames: {} };
    case "PUT":
      return changeJob(store, job, body);
    case "DELETE":
      store.content.jobs.splice(store.content.jobs.indexOf(job), 1);
      store.save();
      return { Status: "OK", Reason: null, ID: null };
    case "POST run":
    case "POST start":
      return { Status: "OK", ID: tasks.run(job) };
    case "GET isactive":
      return { Status: "OK", Active: tasks.isActive(job) };
    case "GET log": {
      const size = Math.max(10, Math.min(500, Number(query.get("pagesize") ?? 100)));
      return store.history(job).log.toReversed().slice(0, size);
    }
    case "POST updatedb": {
      const { path = "" } = (body ?? {}) as { path?: string };
      if (path === "") throw new HttpError(400, "No target path supplied");
      job.DBPath = path;
      return store.save();
    }
    default:
      throw new HttpError(404, "Not found");
  }
}

const page = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Duplicati's stand-in</title>
<h1>This is not Duplicati</h1>
<p>It is Laterbase's stand-in for the image <code>duplicati/duplicati</code>, which could not be pulled here.
It speaks the part of its interface that Laterbase uses and stores whole archives to
<code>file://</code> targets. Where a registry answers, set-up takes the real image.</p>
<p>An archive is unpacked by<br>
<code>openssl enc -d -aes-256-cbc -pbkdf2 -iter 100000 -in &lt;archive&gt; | tar -xz -C &lt;folder&gt;</code></p>
</html>
`;
