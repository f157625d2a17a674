import { spawn } from "node:child_process";
import type { AddressInfo } from "node:net";
import { Server, utils } from "ssh2";

/** About one in a hundred ed25519 pairs of ssh2 cannot be read by ssh2 itself: then another is made. */
function keyPair(): { public: string; private: string } {
  const pair = utils.generateKeyPairSync("ed25519");
  const readable = [pair.public, pair.private].every(
    (text) => !(utils.parseKey(text) instanceof Error),
  );
  return readable ? pair : keyPair();
}

/**
 * An SSH server whose logins land in a container, by `docker exec` as the server's
 * user: to a client it is the primary's own machine.
 */
export class SshServer {
  private readonly key = keyPair();
  private readonly login = keyPair();
  private readonly server: Server;
  readonly commands: string[] = [];
  /** What the login shell prints first, on both streams. */
  greeting = "";
  port = 0;

  constructor(container: string, user = "postgres") {
    const allowed = utils.parseKey(this.login.public);
    if (allowed instanceof Error) throw allowed;
    this.server = new Server({ hostKeys: [this.key.private] }, (client) => {
      client.on("error", () => undefined);
      client.on("authentication", (ask) => {
        if (ask.method !== "publickey") return ask.reject(["publickey"]);
        if (!ask.key.data.equals(allowed.getPublicSSH())) return ask.reject();
        const proven = !ask.signature || allowed.verify(ask.blob!, ask.signature, ask.hashAlgo);
        return proven === true ? ask.accept() : ask.reject();
      });
      client.on("session", (accept) =>
        accept().on("exec", (acceptExec, _, { command }) => {
          this.commands.push(command);
          const channel = acceptExec();
          channel.write(this.greeting);
          channel.stderr.write(this.greeting);
          const args = ["exec", "-i", "-u", user, container, "sh", "-c", command];
          const child = spawn("docker", args);
          channel.pipe(child.stdin);
          child.stdin.on("error", () => undefined);
          child.stdout.on("data", (chunk) => channel.write(chunk));
          child.stderr.on("data", (chunk) => channel.stderr.write(chunk));
          child.on("close", (code) => {
            channel.exit(code ?? 1);
            channel.end();
          });
        }),
      );
    });
  }

  get privateKey(): string {
    return this.login.private;
  }

  /** In the form of authorized_keys. */
  get hostKey(): string {
    return this.key.public;
  }

  async start(address = "127.0.0.1"): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(this.port, address, resolve));
    this.port = (this.server.address() as AddressInfo).port;
    return this;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}
