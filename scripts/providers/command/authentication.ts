import { connect } from "node:net";
import type { AnyAuthMethod, ParsedKey } from "ssh2";
import type { Connection } from "./connection";

/** The ways to log in, in the order of the official plugin. */
export class Authentication {
  private constructor(private readonly methods: AnyAuthMethod[]) {}

  /** Reads the private key and connects to the agent. Both fail here, before the first dial. */
  static async of(connection: Connection): Promise<Authentication> {
    const { user: username, password, privateKey, privateKeyPassword } = connection;
    const methods: AnyAuthMethod[] = [{ type: "none", username }];
    if (privateKey !== undefined) {
      const key = await parsePrivateKey(privateKey, privateKeyPassword);
      methods.push({ type: "publickey", username, key });
    }
    if (password !== undefined) {
      methods.push({ type: "password", username, password });
      methods.push({
        type: "keyboard-interactive",
        username,
        prompt: (_name, _instructions, _language, prompts, finish) =>
          finish(prompts.map(() => password)),
      });
    }
    const agent = connection.agentSocketPath ?? (process.env.SSH_AUTH_SOCK || undefined);
    if (agent !== undefined) {
      // The official plugin needs the agent to answer even when there is a key.
      await assertAnswers(agent);
      methods.push({ type: "agent", username, agent });
    }
    return new Authentication(methods);
  }

  /** One login: each method once, as long as the server accepts it. */
  attempt() {
    const tried: string[] = [];
    return {
      next: (left: string[] | null): AnyAuthMethod | false => {
        const method = this.methods.find((method) => {
          const name = nameOf(method);
          return !tried.includes(name) && (left === null || left.includes(name));
        });
        if (!method) return false;
        tried.push(nameOf(method));
        return method;
      },
      text: () =>
        `ssh: unable to authenticate, attempted methods [${tried.join(" ")}], ` +
        "no supported methods remain",
    };
  }
}

/** The protocol's name of a method: an agent's keys are public keys. */
function nameOf({ type }: AnyAuthMethod): string {
  return type === "agent" ? "publickey" : type;
}

async function parsePrivateKey(text: string, passphrase: string | undefined): Promise<ParsedKey> {
  const { default: ssh2 } = await import("ssh2");
  const parsed = ssh2.utils.parseKey(text, passphrase) as ParsedKey | ParsedKey[] | Error;
  if (parsed instanceof Error) {
    if (!isEncrypted(text)) throw new Error("ssh: no key found");
    throw new Error(
      passphrase === undefined
        ? "ssh: this private key is passphrase protected"
        : "x509: decryption password incorrect",
    );
  }
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (!key?.isPrivateKey()) throw new Error("ssh: no key found");
  return key;
}

/** Whether a private key says that it is encrypted: in its PEM header, or as OpenSSH's cipher name. */
function isEncrypted(text: string): boolean {
  if (/^(-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED)/m.test(text)) return true;
  const [, base64 = ""] = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]*)-----END/.exec(text) ?? [];
  const key = Buffer.from(base64, "base64");
  const magic = "openssh-key-v1\0";
  if (key.length < magic.length + 4 || key.toString("latin1", 0, magic.length) !== magic)
    return false;
  const name = magic.length + 4;
  return key.toString("latin1", name, name + key.readUInt32BE(magic.length)) !== "none";
}

function assertAnswers(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.on("connect", () => {
      socket.destroy();
      resolve();
    });
    socket.on("error", (error: NodeJS.ErrnoException) =>
      reject(
        new Error(`dial unix ${path}: connect: ${REASONS[error.code ?? ""] ?? error.message}`),
      ),
    );
  });
}

const REASONS: Record<string, string> = {
  ENOENT: "no such file or directory",
  ECONNREFUSED: "connection refused",
  EACCES: "permission denied",
};
