import { readFileSync } from "node:fs";
import { join } from "node:path";
import { agentFiles } from "../../../contract/agentPaths";
import type { Context } from "../kit/context";
import { Failure } from "../kit/failure";
import { retry } from "../kit/retry";
import { withoutKeys } from "./withoutKeys";

/** An answer of Duplicati with an HTTP status of failure. */
export class Refusal extends Failure {
  constructor(
    sentence: string,
    readonly status: number,
  ) {
    super(sentence);
  }
}

/** Nothing listens at the address, or it does not answer in time. */
export class Unreachable extends Failure {}

const answerSeconds = 30;

/** Duplicati's interface `/api/v1`. It logs in once, and again when its token has expired (15 minutes). */
export class DuplicatiClient {
  private token: string | undefined;

  constructor(
    private readonly url: string,
    private readonly password: string,
    private readonly signal: AbortSignal,
  ) {}

  get<T>(path: string): Promise<T> {
    return this.ask<T>("GET", path);
  }

  post<T>(path: string, body?: object): Promise<T> {
    return this.ask<T>("POST", path, body);
  }

  async put(path: string, body: object): Promise<void> {
    await this.ask("PUT", path, body);
  }

  /** Waits until the server answers its health check. */
  async untilItAnswers(seconds: number, say: (progress: string) => void): Promise<void> {
    const ask = async () => {
      if ((await this.send("GET", "/health")).ok) return;
      throw new Unreachable(`Duplicati at ${this.url} answers, but is not healthy.`);
    };
    let said = false;
    const onFailure = () => {
      if (!said) say("waiting for Duplicati to answer");
      said = true;
    };
    const retriable = (error: unknown) => error instanceof Unreachable;
    const { signal } = this;
    await retry(ask, { every: 1000, within: seconds * 1000, signal, retriable, onFailure });
  }

  private async ask<T>(method: string, path: string, body?: object): Promise<T> {
    this.token ??= await this.login();
    let response = await this.send(method, `/api/v1${path}`, body);
    if (response.status === 401) {
      this.token = await this.login();
      response = await this.send(method, `/api/v1${path}`, body);
    }
    return this.take<T>(response);
  }

  private async login(): Promise<string> {
    this.token = undefined;
    const credentials = { Password: this.password, RememberMe: false };
    const response = await this.send("POST", "/api/v1/auth/login", credentials);
    if (response.status === 401) {
      throw new Refusal(
        `Duplicati at ${this.url} refuses the web password: it was changed there, and \`pulumi up\` sets it again when Duplicati is restarted.`,
        401,
      );
    }
    return (await this.take<{ AccessToken: string }>(response)).AccessToken;
  }

  private async send(method: string, path: string, body?: object): Promise<Response> {
    this.signal.throwIfAborted();
    try {
      return await fetch(new URL(path, this.url), {
        method,
        redirect: "error",
        headers: {
          // A kept connection would be dead after a restart of Duplicati.
          Connection: "close",
          ...(body ? { "Content-Type": "application/json" } : {}),
          ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
        signal: AbortSignal.any([this.signal, AbortSignal.timeout(answerSeconds * 1000)]),
      });
    } catch (error) {
      this.signal.throwIfAborted();
      throw new Unreachable(`Duplicati at ${this.url} cannot be reached: ${whyOf(error)}.`);
    }
  }

  /** The answer's body. Some good answers have none. */
  private async take<T>(response: Response): Promise<T> {
    const text = await response.text().catch((error: unknown) => {
      throw new Unreachable(`Duplicati at ${this.url} broke off its answer: ${whyOf(error)}.`);
    });
    if (response.ok) return (text === "" ? undefined : JSON.parse(text)) as T;
    if (response.status === 403) {
      throw new Refusal(
        `Duplicati refuses the name in ${this.url}: its container must allow it in DUPLICATI__WEBSERVICE_ALLOWED_HOSTNAMES.`,
        403,
      );
    }
    throw new Refusal(
      `Duplicati answered ${response.status}: ${withoutKeys(errorIn(text) ?? response.statusText)}`,
      response.status,
    );
  }
}

/** The client for the stack's Duplicati, with the password from the agent's file. */
export function openDuplicati({ config, paths }: Context, signal: AbortSignal): DuplicatiClient {
  if (!config.upload) {
    throw new Failure("This stack uploads nothing, because laterbase:duplicati is not set.");
  }
  const file = join(paths.etc, agentFiles.duplicatiPassword);
  try {
    return new DuplicatiClient(config.upload.url, readFileSync(file, "utf8").trimEnd(), signal);
  } catch (error) {
    throw new Failure(`${file} cannot be read: ${(error as Error).message}.`);
  }
}

function whyOf(error: unknown): string {
  if ((error as Error).name === "TimeoutError") return `no answer in ${answerSeconds} s`;
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return cause?.message || cause?.code || (error as Error).message;
}

function errorIn(text: string): string | undefined {
  try {
    const { Error: sentence } = JSON.parse(text) as { Error?: unknown };
    return typeof sentence === "string" ? sentence : undefined;
  } catch {
    return text.trim().split("\n")[0];
  }
}
