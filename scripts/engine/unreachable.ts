/** The code of an error that says why ssh to an engine ended. */
export const sshEndedCode = "ESSHENDED";

/** The codes with which a connection to an engine fails, and what they mean to a person. */
const meanings: Readonly<Record<string, string>> = {
  ENOENT: "nothing is at its address",
  ECONNREFUSED: "nothing listens at its address",
  EACCES: "this user may not use its socket",
  EPERM: "this user may not use its socket",
  ENOTFOUND: "its host has no address",
  EAI_AGAIN: "its host has no address now",
  EAI_FAIL: "its host has no address",
  EHOSTDOWN: "its host is down",
  EHOSTUNREACH: "there is no way to its host",
  ENETUNREACH: "there is no way to its host",
  ETIMEDOUT: "its host does not answer",
  ECONNRESET: "it broke the connection off",
  EPIPE: "it broke the connection off",
};

/** Whether a call failed because no engine answered, and not by an engine's own answer. */
export function isUnreachable(error: unknown): boolean {
  const { code, statusCode } = error as Error & { code?: string; statusCode?: number };
  if (statusCode !== undefined || code === undefined) return false;
  return code in meanings || code === sshEndedCode;
}

/** Why an engine does not answer, as the end of a sentence. */
export function noAnswer(error: Error & { code?: string }): string {
  return meanings[error.code ?? ""] ?? error.message.trim().replace(/\.$/, "");
}

/** The whole sentence for an engine that does not answer, with what helps. */
export function unreachable(host: string | undefined, error: Error): string {
  const address = host || process.env["DOCKER_HOST"];
  const where = address ? `at ${address}` : "on this machine";
  const helps = address?.startsWith("ssh://")
    ? `try 'docker -H ${address} version'`
    : address
      ? "start it, or set DOCKER_HOST to another one"
      : "start Docker, or set DOCKER_HOST to another engine";
  return `No Docker engine answers ${where}: ${noAnswer(error)}. ${helps[0]!.toUpperCase()}${helps.slice(1)}.`;
}
