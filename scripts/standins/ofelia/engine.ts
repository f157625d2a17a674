import { request, type IncomingMessage, type RequestOptions } from "node:http";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { Frames, type Output } from "./frames";

/** A command in a container. */
export interface ExecOptions {
  container: string;
  command: string[];
  user: string;
  tty: boolean;
  environment: string[];
}

/**
 * Calls the Docker engine exactly as Ofelia does, without a version in the path: one call for the
 * version, which may fail, and three calls for each run.
 */
export class Engine {
  private readonly address: RequestOptions;
  private version: string | undefined;

  /** @throws Error for an invalid address */
  constructor(host = process.env["DOCKER_HOST"] || "unix:///var/run/docker.sock") {
    if (process.env["DOCKER_TLS_VERIFY"])
      throw new Error(
        "DOCKER_TLS_VERIFY is part of Ofelia, but not of this stand-in of Laterbase.",
      );
    const url = new URL(host.includes("://") ? host : `tcp://${host}`);
    if (url.protocol === "unix:") this.address = { socketPath: url.pathname };
    else if (/^(tcp|http):$/.test(url.protocol))
      this.address = { host: url.hostname, port: url.port || "2375" };
    else throw new Error("invalid endpoint");
  }

  async createExec({ container, command, user, tty, environment }: ExecOptions): Promise<string> {
    this.version ??= await this.askVersion();
    const answer = await this.call("POST", `/containers/${container}/exec`, {
      ...(environment.length > 0 ? { Env: environment } : {}),
      ...(command.length > 0 ? { Cmd: command } : {}),
      Container: container,
      User: user,
      AttachStdout: true,
      AttachStderr: true,
      ...(tty ? { Tty: true } : {}),
    });
    if (answer.status === 404) throw new Error(`No such container: ${container}`);
    return (JSON.parse(succeeded(answer)) as { Id: string }).Id;
  }

  /** Ends with the command, whose output arrives over the upgraded connection. */
  startExec(id: string, tty: boolean, output: Output): Promise<void> {
    return new Promise((resolve, reject) => {
      const started = this.open("POST", `/exec/${id}/start`, {
        Connection: "Upgrade",
        Upgrade: "tcp",
      });
      const frames = new Frames(tty, output);
      const read = (stream: Socket | IncomingMessage, head?: Buffer) => {
        if (head) frames.take(head);
        stream.on("data", (chunk: Buffer) => frames.take(chunk));
        stream.on("error", reject);
        stream.on("close", () => (frames.fault ? reject(frames.fault) : resolve()));
      };
      started.on("error", (error) => reject(refused(error)));
      started.on("upgrade", (_response, socket: Socket, head: Buffer) => {
        read(socket, head);
        // The command gets no input; the other direction stays open.
        socket.end();
      });
      // As in Ofelia, the status is ignored, and every body is read as output.
      started.on("response", (response) => read(response));
      // Its Go library writes out what it reads and writes to, too.
      const streams = { InputStream: null, OutputStream: {}, ErrorStream: {} };
      started.end(JSON.stringify({ ...streams, ...(tty ? { Tty: true } : {}), RawTerminal: tty }));
    });
  }

  async exitCode(id: string): Promise<number> {
    const answer = await this.call("GET", `/exec/${id}/json`);
    if (answer.status === 404) throw new Error(`No such exec instance: ${id}`);
    return (JSON.parse(succeeded(answer)) as { ExitCode?: number | null }).ExitCode ?? 0;
  }

  private async askVersion(): Promise<string | undefined> {
    try {
      const version = succeeded(await this.call("GET", "/version"));
      return (JSON.parse(version) as { ApiVersion: string }).ApiVersion;
    } catch {
      return undefined;
    }
  }

  private call(method: string, path: string, body?: object): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = this.open(method, path);
      sent.on("error", (error) => reject(refused(error)));
      sent.on("response", (response) => {
        text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
      });
      sent.end(body && JSON.stringify(body));
    });
  }

  private open(method: string, path: string, headers: Record<string, string> = {}) {
    return request({
      ...this.address,
      method,
      path,
      agent: false,
      headers: { "Content-Type": "application/json", ...headers },
    });
  }
}

interface Answer {
  status: number;
  body: string;
}

function succeeded({ status, body }: Answer): string {
  if (status >= 200 && status < 400) return body;
  let message = body;
  try {
    message = (JSON.parse(body) as { message: string }).message;
  } catch {
    // A proxy refuses with plain text.
  }
  throw new Error(`API error (${status}): ${message}`);
}

function refused(error: Error): Error {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ECONNREFUSED" ? new Error("cannot connect to Docker endpoint") : error;
}
