import { formFailures, type Form } from "../protocol/forms";
import type { Failure, Props } from "../protocol/provider";
import { isObject } from "../protocol/values";

/** How to reach a host. Times in seconds. */
export interface Connection {
  host: string;
  user: string;
  port: number;
  dialErrorLimit: number;
  perDialTimeout: number;
  password?: string;
  privateKey?: string;
  privateKeyPassword?: string;
  agentSocketPath?: string;
  /** The host's public key, as a line of authorized_keys. Without it any key is accepted. */
  hostKey?: string;
}

const FORMS: Record<string, Form> = {
  host: "string",
  user: "string",
  port: "number",
  dialErrorLimit: "number",
  perDialTimeout: "number",
  password: "string",
  privateKey: "string",
  privateKeyPassword: "string",
  agentSocketPath: "string",
  hostKey: "string",
};

const DEFAULTS = { user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 };

/** Checks the input `connection` and adds the defaults. */
export function checkConnection(news: Props): { inputs: Props; failures: Failure[] } {
  const { connection } = news;
  if (connection === undefined) {
    return { inputs: news, failures: [{ property: "connection", reason: "is required" }] };
  }
  // In a preview it may not be known yet.
  if (!isObject(connection)) return { inputs: news, failures: [] };
  const inputs = { ...news, connection: { ...DEFAULTS, ...connection } };
  return { inputs, failures: connectionFailures(connection) };
}

function connectionFailures(connection: Props): Failure[] {
  const failures = formFailures(connection, FORMS, "connection.");
  if (connection.host === undefined) {
    failures.push({ property: "connection.host", reason: "is required" });
  }
  for (const key of Object.keys(connection)) {
    if (key in FORMS) continue;
    const reason = "Laterbase's embedded command provider does not implement this input";
    failures.push({ property: `connection.${key}`, reason });
  }
  return failures;
}
