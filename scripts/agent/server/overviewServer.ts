import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fastify, { type FastifyInstance } from "fastify";
import { agentFiles } from "../../../contract/agentPaths";
import type { Context } from "../kit/context";
import { stackOf } from "../kit/failure";

/** The monitor needs one. More callers than these wait, so that nobody who reaches the port fills the memory. */
const mostConnections = 8;

/**
 * Answers the monitor in the stack's network: `GET /overview` with the token, and nothing else. It only reads. Undefined
 * where the stack has no monitor: then nothing listens.
 *
 * @param overview what the command of that name answers
 */
export async function listenForMonitor(
  context: Context,
  overview: () => Promise<unknown>,
): Promise<FastifyInstance | undefined> {
  const { config, paths } = context;
  if (!config.overview) return undefined;
  const token = digest(readFileSync(join(paths.etc, agentFiles.overviewToken), "utf8").trim());
  const server = fastify({
    bodyLimit: 1024,
    // Until a request is complete, and until a silent connection is closed.
    requestTimeout: 5000,
    connectionTimeout: 30_000,
    keepAliveTimeout: 30_000,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    logger: false,
    http: { maxHeaderSize: 4096 },
  });
  server.server.maxConnections = mostConnections;
  server.addHook("onRequest", async (request, reply) => {
    const [, given = ""] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "") ?? [];
    // Equally long digests, compared in constant time: an answer's time says nothing about the token.
    if (!timingSafeEqual(digest(given), token)) await reply.code(401).send({ error: "No token." });
  });
  server.get("/overview", overview);
  server.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: "Not found." }));
  server.setErrorHandler((error, _request, reply) => {
    const code = (error as { statusCode?: number }).statusCode ?? 500;
    if (code >= 500) context.log(stackOf(error));
    return reply.code(code).send({ error: code >= 500 ? "It failed." : "Bad request." });
  });
  await server.listen({ host: "0.0.0.0", port: config.overview.port });
  return server;
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
