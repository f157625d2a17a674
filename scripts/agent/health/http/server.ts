import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { reportOf } from "../../../../contract/health/reportOf";
import { visibleJson } from "../../../../contract/visible";
import { elapsed } from "../../kit/clock";
import { stackOf } from "../../kit/failure";
import type { Snapshot } from "../kit/snapshot";
import { withoutLook } from "../withoutLook";
import { limitConnections } from "./connections";
import { guard } from "./token";

export interface PageServerArgs {
  now: () => Snapshot | undefined;
  /** Whether the monitor looks. */
  lives: () => boolean;
  /** Seconds since its last look. */
  lookedAgo: () => number;
  /** Absent: everybody who reaches the port may ask. */
  token?: string;
  /** HTML of a snapshot, and the hash of its style as CSP has it. Absent: `/` answers JSON. */
  page?: { of: (now: Snapshot) => string; styleHash: string };
  /** What Prometheus scrapes. */
  metrics?: (now: Snapshot, lookedAgo: number) => Promise<string>;
  log: (sentence: string) => void;
  /** Milliseconds. Tests replace it. */
  clock?: () => number;
}

/** Nobody needs longer than this to send a request without a body, in milliseconds. */
const requestMs = 10_000;
const mostHeaderBytes = 8192;

const refused = "The request is not one that is answered here.";

const json = "application/json; charset=utf-8";

/** Answers people, `laterbase health`, Prometheus and whatever restarts containers. */
export function pageServer(args: PageServerArgs): FastifyInstance {
  const server = fastify({
    http: {
      maxHeaderSize: mostHeaderBytes,
      headersTimeout: requestMs,
      connectionsCheckingInterval: 2500,
    },
    requestTimeout: requestMs,
    keepAliveTimeout: 5000,
    bodyLimit: 1024,
    exposeHeadRoutes: true,
    routerOptions: { maxParamLength: 64 },
    forceCloseConnections: true,
    frameworkErrors: (_error, _request, reply: FastifyReply) => {
      void reply
        .headers(safe)
        .code(400)
        .type(json)
        .send(`${JSON.stringify({ error: refused })}\n`);
    },
  });
  limitConnections(server.server);
  const mayAsk = guard(args.token);
  // Every snapshot is written once, however many ask for it.
  const texts = new Written(args);

  server.addHook("onRequest", async (request, reply) => {
    // Nothing of the request is repeated in an answer, neither its path nor the host that it names.
    reply.headers(safe);
    if (request.routeOptions.url === "/livez" || mayAsk(request.headers.authorization)) return;
    reply.header("www-authenticate", 'Basic realm="laterbase", charset="UTF-8"');
    await reply
      .code(401)
      .type(json)
      .send('{"error":"The token of laterbase:health.token is needed."}\n');
  });
  server.get("/livez", (_request, reply) => {
    const lives = args.lives();
    return reply
      .code(lives ? 200 : 503)
      .type("text/plain")
      .send(lives ? "ok\n" : "it does not look any more\n");
  });
  const health = (_request: FastifyRequest, reply: FastifyReply) => {
    const { code, text } = texts.health();
    return reply.code(code).type(json).send(text);
  };
  server.get("/health", health);
  server.get("/", (request, reply) => {
    reply.header("vary", "accept");
    const { page } = args;
    const now = args.now();
    if (!page || !now || !args.lives() || !wantsHtml(request.headers.accept))
      return health(request, reply);
    reply.header("content-security-policy", pagePolicy(page.styleHash));
    return reply.type("text/html; charset=utf-8").send(texts.html(now, page.of));
  });
  if (args.metrics) {
    const { metrics } = args;
    server.get("/metrics", async (_request, reply) => {
      const now = args.now();
      if (!now) return reply.code(503).type("text/plain").send("");
      return reply
        .type("text/plain; version=0.0.4; charset=utf-8")
        .send(await metrics(now, args.lookedAgo()));
    });
  }
  server.setNotFoundHandler((_request, reply) =>
    reply.code(404).type(json).send('{"error":"There are /, /health, /livez and /metrics."}\n'),
  );
  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const code = error.statusCode ?? 500;
    if (code >= 500) args.log(stackOf(error));
    const said = code >= 500 ? "The monitor failed; its log says why." : refused;
    return reply
      .code(code)
      .type(json)
      .send(`${JSON.stringify({ error: said })}\n`);
  });
  return server;
}

/** Sent with every answer. */
const safe = {
  "content-security-policy":
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "x-frame-options": "DENY",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
} as const;

/** The page has its one style in itself, and nothing else: no script, no picture, no font of others. */
const pagePolicy = (styleHash: string) =>
  `default-src 'none'; style-src '${styleHash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

/** A browser names HTML. curl and Prometheus accept anything. */
const wantsHtml = (accept = "") => /(^|[\s,])text\/html\s*($|[,;])/i.test(accept);

/** How long a page is shown as it was written, in milliseconds. It says how old things are. */
const pageMs = 10_000;

/** The texts of the last snapshot. */
class Written {
  private of: Snapshot | undefined;
  private healthText = "";
  private page: { text: string; at: number } | undefined;

  constructor(private readonly args: Pick<PageServerArgs, "now" | "lives" | "clock">) {}

  health(): { code: number; text: string } {
    const now = this.args.now();
    // What was good when the monitor last looked says nothing about now.
    if (!now || !this.args.lives()) {
      const report = withoutLook(new Date().toISOString(), now);
      return { code: 503, text: `${visibleJson(report)}\n` };
    }
    this.take(now);
    return { code: now.judged.verdict === "unhealthy" ? 503 : 200, text: this.healthText };
  }

  html(now: Snapshot, page: (now: Snapshot) => string): string {
    this.take(now);
    const at = (this.args.clock ?? elapsed)();
    if (!this.page || at - this.page.at >= pageMs) this.page = { text: page(now), at };
    return this.page.text;
  }

  private take(now: Snapshot): void {
    if (this.of === now) return;
    this.of = now;
    this.healthText = `${visibleJson(reportOf(now))}\n`;
    this.page = undefined;
  }
}
