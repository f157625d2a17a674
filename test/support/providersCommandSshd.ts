import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const SSHD = "/usr/sbin/sshd";

/** Key types that a host can show. */
export const HOST_KEYS = ["ed25519", "rsa", "ecdsa"] as const;

/** An SSH server on 127.0.0.1 with its own keys and only the configuration below. */
export class Sshd {
  private server: ChildProcess | undefined;
  readonly dir = mkdtempSync(join(tmpdir(), "lbt-sshd-"));
  readonly user = `lbt${randomBytes(4).toString("hex")}`;
  readonly password = randomBytes(12).toString("hex");
  port = 0;

  static async create(): Promise<Sshd> {
    if (process.getuid?.() !== 0) throw new Error("this test starts an sshd and must run as root");
    if (!existsSync(SSHD)) throw new Error(`this test needs ${SSHD}: install openssh-server`);
    const sshd = new Sshd();
    mkdirSync("/run/sshd", { recursive: true });
    sshd.port = await freePort();
    for (const type of HOST_KEYS) sshd.keygen(`host-${type}`, type);
    sshd.keygen("login", "ed25519");
    sshd.keygen("locked", "ed25519", "open sesame");
    sshd.write("authorized_keys", sshd.read("login.pub") + sshd.read("locked.pub"));
    execFileSync("useradd", ["--create-home", "--shell", "/bin/sh", sshd.user]);
    execFileSync("chpasswd", { input: `${sshd.user}:${sshd.password}\n` });
    await sshd.start();
    return sshd;
  }

  /** Starts the server and waits until it listens. */
  async start(): Promise<void> {
    const config = [
      `Port ${this.port}`,
      "ListenAddress 127.0.0.1",
      ...HOST_KEYS.map((type) => `HostKey ${join(this.dir, `host-${type}`)}`),
      `AuthorizedKeysFile ${join(this.dir, "authorized_keys")}`,
      `PidFile ${join(this.dir, "pid")}`,
      "PermitRootLogin yes",
      "PasswordAuthentication yes",
      "KbdInteractiveAuthentication no",
      "UsePAM no",
      "StrictModes no",
      "AcceptEnv LBT_*",
      // Bash reads root's own .bashrc only in the first shell.
      "SetEnv SHLVL=2",
      "MaxAuthTries 10",
      "MaxStartups 100",
    ];
    this.write("config", config.join("\n") + "\n");
    this.server = spawn(SSHD, ["-D", "-e", "-f", join(this.dir, "config")], { stdio: "ignore" });
    for (let tries = 0; !(await listens(this.port)); tries++) {
      if (tries > 200) throw new Error(`${SSHD} does not listen on port ${this.port}`);
      await sleep(50);
    }
  }

  /** Stops the server and every session. */
  async stop(): Promise<void> {
    const { server } = this;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((resolve) => server.once("exit", resolve));
    server.kill();
    await gone;
  }

  async dispose(): Promise<void> {
    await this.stop();
    execFileSync("userdel", ["--remove", "--force", this.user], { stdio: "ignore" });
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** A connection as root, by key, with one attempt. */
  login() {
    return {
      host: "127.0.0.1",
      port: this.port,
      user: "root",
      privateKey: this.read("login"),
      hostKey: this.read("host-ed25519.pub"),
      dialErrorLimit: 0,
      perDialTimeout: 15,
    };
  }

  read(name: string): string {
    return readFileSync(join(this.dir, name), "utf8");
  }

  private write(name: string, text: string): void {
    writeFileSync(join(this.dir, name), text, { mode: 0o600 });
  }

  private keygen(name: string, type: string, passphrase = ""): void {
    const options = ["-q", "-t", type, "-N", passphrase, "-C", `${name}@lab`];
    execFileSync("ssh-keygen", [...options, "-f", join(this.dir, name)]);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
