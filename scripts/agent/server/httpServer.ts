import { rmSync } from "node:fs";
import fastify, { type FastifyInstance } from "fastify";
import type { Reply } from "../../../contract/agentReplies";
import { askedCommand } from "../commands";
import { codeOf, Failure, sentenceOf, stackOf } from "../kit/failure";
import type { Agent } from "./agent";
import { socketPath } from "./socketPath";

const maxRequestBytes = 64 * 1024;

const notAnObject = "The request is not a JSON object.";

/**
 * Answers requests on the socket: `POST /commands/<name>` with the arguments as a JSON object. The
 * answer is a line of JSON for each progress, and a last one with the result or the error.
 */
export async function listen(agent: Agent, stopped: AbortSignal): Promise<FastifyInstance> {
  const path = socketPath(agent.context.paths);
  rmSync(path, { force: true });
  // The time until a request is complete: its work may take hours.
  const server = fastify({ bodyLimit: maxRequestBytes, requestTimeout: 60_000 });
  server.post<{ Params: { command: string }; Body: unknown }>(
    "/commands/:command",
    async (request, reply) => {
      const { name, outlivesCaller } = askedCommand(request.params.command);
      const args = argumentsOf(request.body);
      reply.hijack();
      const answer = reply.raw;
      const gone = new AbortController();
      answer.once("close", () => gone.abort(new Failure("Nobody waits for it any more.")));
      answer.on("error", () => undefined);
      answer.writeHead(200, { "content-type": "application/x-ndjson" });
      const send = (line: Reply) => {
        if (answer.writable) answer.write(`${JSON.stringify(line)}\n`);
      };
      const until = outlivesCaller ? stopped : AbortSignal.any([stopped, gone.signal]);
      try {
        const say = (progress: string) => send({ progress });
        send({ result: (await agent.run(name, args, say, until)) ?? null });
      } catch (error) {
        if (!(error instanceof Failure)) agent.context.log(stackOf(error));
        send({ error: sentenceOf(error) });
      }
      answer.end();
    },
  );
  server.setErrorHandler((error, _request, reply) => {
    const said: Reply = { error: refusal(error) };
    return reply.code(400).send(said);
  });
  await server.listen({ path });
  return server;
}

function argumentsOf(body: unknown): Record<string, unknown> {
  if (typeof body === "object" && body !== null && !Array.isArray(body)) {
    return body as Record<string, unknown>;
  }
  throw new Failure(notAnObject);
}

/** What is wrong with a request. It may hold a secret, so nothing of it is repeated. */
function refusal(error: unknown): string {
  if (error instanceof Failure) return error.message;
  return codeOf(error) === "FST_ERR_CTP_BODY_TOO_LARGE"
    ? `The request is larger than ${maxRequestBytes} bytes.`
    : notAnObject;
}
