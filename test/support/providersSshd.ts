import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const SSHD = "/usr/sbin/sshd";

export interface SshdOptions {
  /** The address that it listens on. Default 127.0.0.1. */
  address?: string;
  /** A command prefix, for example to enter another network namespace. */
  within?: string[];
  /** Additional lines of its configuration. */
  settings?: string[];
}

/** An SSH server for a test, with its own keys, on 127.0.0.1 by default. */
export class Sshd {
  private constructor(
    private readonly folder: string,
    readonly port: number,
    private readonly process: ChildProcess,
  ) {}

  static async start(options: SshdOptions = {}): Promise<Sshd> {
    const { address = "127.0.0.1", within = [], settings = [] } = options;
    ensureInstalled();
    const folder = mkdtempSync(join(tmpdir(), "lbt-sshd-"));
    for (const name of ["host", "client"]) {
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, name)]);
    }
    const port = await freePort();
    const publicKey = (name: string) => readFileSync(join(folder, `${name}.pub`), "utf8");
    writeFileSync(join(folder, "authorized"), publicKey("client"));
    writeFileSync(join(folder, "known"), `[${address}]:${port} ${publicKey("host")}`);
    const lines = [`ListenAddress ${address}`, ...config(folder, port), ...settings, ""];
    writeFileSync(join(folder, "config"), lines.join("\n"));
    const words = [...within, SSHD, "-D", "-e", "-f", join(folder, "config")];
    const server = spawn(words[0]!, words.slice(1), { stdio: ["ignore", "ignore", "pipe"] });
    const sshd = new Sshd(folder, port, server);
    await sshd.answers(address);
    return sshd;
  }

  /** Arguments for an `ssh` that can log in and that accepts only this server's key. */
  options(known = join(this.folder, "known")): string[] {
    const settings = {
      IdentityFile: join(this.folder, "client"),
      IdentitiesOnly: "yes",
      UserKnownHostsFile: known,
      StrictHostKeyChecking: "yes",
    };
    return Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
  }

  end(): void {
    this.process.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async answers(address: string): Promise<void> {
    for (let i = 0; i < 50; i++) {
      if (await dials(this.port, address)) return;
      await sleep(100);
    }
    throw new Error("the test's sshd does not answer");
  }
}

/** Installs the server where that needs no confirmation. */
function ensureInstalled(): void {
  if (!existsSync(SSHD)) {
    if (process.getuid?.() !== 0) throw new Error("this test needs sshd: install openssh-server");
    execFileSync("apt-get", ["install", "-y", "--no-install-recommends", "openssh-server"], {
      stdio: "ignore",
    });
  }
  // The folder of sshd's unprivileged process, which systemd would create.
  mkdirSync("/run/sshd", { recursive: true });
}

function config(folder: string, port: number): string[] {
  return [
    `Port ${port}`,
    `HostKey ${join(folder, "host")}`,
    `AuthorizedKeysFile ${join(folder, "authorized")}`,
    `PidFile ${join(folder, "pid")}`,
    "PasswordAuthentication no",
    "StrictModes no",
    "UsePAM no",
    "PermitRootLogin prohibit-password",
    // Debian's default, so that too many parallel connections fail here too.
    "MaxStartups 10:30:100",
  ];
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
}

function dials(port: number, address: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, address, () => socket.destroy(void done(true)));
    socket.on("error", () => done(false));
  });
}
