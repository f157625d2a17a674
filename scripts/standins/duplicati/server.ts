import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { addRoutes } from "./routes";
import { HttpError } from "./shapes";
import type { Store } from "./store";
import type { Tasks } from "./tasks";

export interface ServerOptions {
  store: Store;
  tasks: Tasks;
  password: string;
  /** The names by which it may be called, besides addresses and localhost; "*" is any name. */
  hosts: readonly string[];
  /** How long a login is valid. */
  tokenSeconds: number;
}

const api = "/api/v1";

/** The longest bodies in bytes. Everybody may send a login, so it must cost little memory. */
const bodyLimits = { login: 16 * 1024, job: 1024 * 1024 };

/** Duplicati's interface, its health check, and a page that says what this is. */
export function makeServer(options: ServerOptions): FastifyInstance {
  const app = fastify({
    bodyLimit: bodyLimits.job,
    forceCloseConnections: true,
    // Until a request is complete. An upload takes longer, and answers at once.
    requestTimeout: 60_000,
  });
  app.removeAllContentTypeParsers();
  // Duplicati reads every body as JSON, whatever its content type.
  app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => {
    try {
      done(null, body === "" ? undefined : JSON.parse(body as string));
    } catch {
      done(new HttpError(400, "Bad Request"));
    }
  });
  app.setErrorHandler((error: Error, _request, reply) => sendError(reply, error));
  app.get("/health", (_request, reply) => void reply.type("text/plain").send("Healthy"));
  app.setNotFoundHandler((request, reply) => {
    if (!request.url.startsWith(`${api}/`)) {
      return void reply.code(200).type("text/html; charset=utf-8").send(page);
    }
    return sendError(reply, new HttpError(404, "Not found"));
  });
  const tokens = new Map<string, number>();
  app.addHook("onRequest", (request, _reply, done) => {
    done(refusal(options, tokens, request));
  });
  app.post(`${api}/auth/login`, { bodyLimit: bodyLimits.login }, (request, reply) => {
    const given = (request.body as { Password?: unknown } | undefined)?.Password;
    if (!same(String(given), options.password)) throw new HttpError(401, "Failed to log in");
    const token = randomBytes(32).toString("base64url");
    tokens.set(token, Date.now() + options.tokenSeconds * 1000);
    void reply.send({ AccessToken: token, RefreshNonce: null });
  });
  void app.register(
    (routes, _options, done) => {
      addRoutes(routes, options);
      done();
    },
    { prefix: api },
  );
  return app;
}

/** Why a call of the interface is refused: the wrong host name, or no valid login. */
function refusal(
  { hosts }: ServerOptions,
  tokens: ReadonlyMap<string, number>,
  { url, headers }: FastifyRequest,
): Error | undefined {
  if (!url.startsWith(`${api}/`)) return undefined;
  const { host = "", authorization = "" } = headers;
  if (!mayBeCalled(host, hosts)) return new HttpError(403, `Invalid hostname: ${hostName(host)}`);
  if (url.split("?", 1)[0] === `${api}/auth/login`) return undefined;
  const until = tokens.get(authorization.replace(/^Bearer /, "")) ?? 0;
  return until < Date.now() ? new HttpError(401, "") : undefined;
}

function sendError(reply: FastifyReply, error: Error): void {
  const status = error instanceof HttpError ? error.status : 500;
  const text = status === 500 ? "An error occurred" : error.message;
  void reply.code(status);
  if (text === "") void reply.send();
  else void reply.type("application/json").send(JSON.stringify({ Error: text, Code: status }));
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

const page = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Stand-in for Duplicati</title>
<h1>This is not Duplicati</h1>
<p>This is Laterbase's stand-in for the image <code>duplicati/duplicati</code>, which could not be pulled here.
It implements the part of Duplicati's interface that Laterbase uses, and stores whole archives to
<code>file://</code> targets. Where a registry can be reached, set-up uses the real image.</p>
<p>To unpack an archive:<br>
<code>openssl enc -d -aes-256-cbc -pbkdf2 -iter 100000 -in &lt;archive&gt; | tar -xz -C &lt;folder&gt;</code></p>
</html>
`;
