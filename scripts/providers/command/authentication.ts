import { connect } from "node:net";
import type { AnyAuthMethod, ParsedKey } from "ssh2";
import type { Connection } from "./connection";

/** The ways to log in, in the order of the official plugin. */
export class Authentication {
  private constructor(private readonly methods: AnyAuthMethod[]) {}

  /** Reads the private key and looks for the agent. Both fail here, before anything is dialled. */
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
      // The official plugin needs the agent to answer even where a key makes it useless.
      await assertAnswers(agent);
      methods.push({ type: "agent", username, agent });
    }
    return new Authentication(methods);
  }

  /** One log-in: hands out each method once, as long as the server takes it. */
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

/** What the protocol calls a method: an agent's keys are public keys. */
function nameOf({ type }: AnyAuthMethod): string {
  return type === "agent" ? "publickey" : type;
}

async function parsePrivateKey(text: string, passphrase: string | undefined): Promise<ParsedKey> {
  const { default: ssh2 } = await import("ssh2");
  const parsed = ssh2.utils.parseKey(text, passphrase) as ParsedKey | ParsedKey[] | Error;
  if (parsed instanceof Error) {
    if (/passphrase given/i.test(parsed.message)) {
      throw new Error("ssh: this private key is passphrase protected");
    }
    if (passphrase !== undefined && /bad passphrase|decrypt|integrity/i.test(parsed.message)) {
      throw new Error("x509: decryption password incorrect");
    }
    throw new Error("ssh: no key found");
  }
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (!key?.isPrivateKey()) throw new Error("ssh: no key found");
  return key;
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
