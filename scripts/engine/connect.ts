import Docker from "dockerode";
import { SshAgent } from "./sshAgent";

/** Where a Docker engine is. Without a host: `DOCKER_HOST`, else the local socket. */
export interface EngineAddress {
  host?: string | undefined;
  /** Extra arguments for the local `ssh`, for `ssh://` hosts only. */
  sshOpts?: string[];
}

/**
 * A client of the Docker engine at this address.
 *
 * `ssh://` goes through the local `ssh` and the remote `docker system dial-stdio`, as the Docker
 * CLI and the official provider do, so that ~/.ssh/config and known_hosts apply.
 */
export function connect({ host, sshOpts = [] }: EngineAddress = {}): Docker {
  const address = host || process.env.DOCKER_HOST;
  if (address?.startsWith("ssh://")) {
    const agent = new SshAgent(sshArguments(address, sshOpts));
    // The name and the port are for the request line only: the agent makes the connection.
    return new Docker({ protocol: "http", host: "docker", port: 80, agent } as never);
  }
  // Options are read from DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH by the library.
  if (!host || host === process.env.DOCKER_HOST) return new Docker();
  if (host.startsWith("unix://")) return new Docker({ socketPath: host.slice("unix://".length) });
  return new Docker(tcpOptions(host));
}

/** What `ssh` is called with to reach the engine behind an `ssh://` address. */
export function sshArguments(address: string, sshOpts: readonly string[] = []): string[] {
  const url = new URL(address);
  if (url.password) throw new Error("an ssh:// address of an engine must not hold a password");
  if (!url.hostname) throw new Error(`no host in the engine's address ${address}`);
  const user = url.username ? ["-l", decodeURIComponent(url.username)] : [];
  const port = url.port ? ["-p", url.port] : [];
  const socket = url.pathname.length > 1 ? ["--host", `unix://${url.pathname}`] : [];
  return [
    ...sshOpts,
    ...user,
    ...port,
    // A dead network must not block an update, and nobody can type a password.
    ...["-o", "ConnectTimeout=30", "-o", "BatchMode=yes", "-T"],
    ...["--", url.hostname, "docker", ...socket, "system", "dial-stdio"],
  ];
}

function tcpOptions(host: string): Docker.DockerOptions {
  const url = new URL(host.includes("://") ? host : `tcp://${host}`);
  if (!["tcp:", "http:", "https:"].includes(url.protocol)) {
    throw new Error(`an engine's address begins with unix://, ssh:// or tcp://, not ${host}`);
  }
  const secure = url.protocol === "https:" || process.env.DOCKER_TLS_VERIFY === "1";
  return {
    protocol: secure ? "https" : "http",
    host: url.hostname,
    port: url.port || (secure ? "2376" : "2375"),
  };
}
