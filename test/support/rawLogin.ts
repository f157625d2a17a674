import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { connect } from "node:net";

/** What a server or pooler answers to a login, message by message, as far as an attacker can tell. */
export interface Answers {
  /** `R10 SCRAM-SHA-256`, `R11 salt 16 iterations 4096`, `E FATAL 28P01 …`, in order. */
  messages: string[];
  /** The salt, in base64. */
  salt: string;
}

/** Logs in by SCRAM over a bare socket, without a library that hides messages. */
export function rawLogin(
  { host, port }: { host: string; port: number },
  login: { user: string; database: string; password: string },
): Promise<Answers> {
  return new Promise((resolve, reject) => {
    const answers: Answers = { messages: [], salt: "" };
    const nonce = randomBytes(18).toString("base64");
    const bare = `n=,r=${nonce}`;
    const socket = connect(port, host, () => socket.write(startup(login)));
    let unread = Buffer.alloc(0);
    socket.setTimeout(30_000, () => socket.destroy(new Error("no answer")));
    socket.on("error", reject).on("close", () => resolve(answers));
    socket.on("data", (data: Buffer) => {
      unread = Buffer.concat([unread, data]);
      while (unread.length >= 5 && unread.length > unread.readInt32BE(1)) {
        const end = unread.readInt32BE(1) + 1;
        const [type, body] = [String.fromCharCode(unread[0]!), unread.subarray(5, end)];
        unread = unread.subarray(end);
        if (type !== "R") {
          answers.messages.push(type === "E" ? `E ${error(body)}` : type);
          continue;
        }
        const kind = body.readInt32BE(0);
        const text = body.subarray(4).toString();
        if (kind === 10) {
          answers.messages.push(`R10 ${text.split("\0").filter(Boolean).join(" ")}`);
          const first = Buffer.from(`n,,${bare}`);
          const length = Buffer.alloc(4);
          length.writeInt32BE(first.length);
          const body = Buffer.concat([Buffer.from("SCRAM-SHA-256\0"), length, first]);
          socket.write(message("p", body));
        } else if (kind === 11) {
          const { r = "", s = "", i = "" } = attributes(text);
          answers.salt = s;
          const bytes = Buffer.from(s, "base64").length;
          answers.messages.push(`R11 salt ${bytes} iterations ${i}`);
          const final = `c=biws,r=${r}`;
          const proof = clientProof(login.password, s, Number(i), `${bare},${text},${final}`);
          socket.write(message("p", Buffer.from(`${final},p=${proof}`)));
        } else answers.messages.push(`R${kind}`);
      }
    });
  });
}

function startup({ user, database }: { user: string; database: string }): Buffer {
  const words = ["user", user, "database", database].map((word) => `${word}\0`).join("");
  const body = Buffer.concat([Buffer.from([0, 3, 0, 0]), Buffer.from(`${words}\0`)]);
  return message("", body);
}

function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}

/** Severity, SQLSTATE and message, and the letters of all fields. */
function error(body: Buffer): string {
  const fields = body.toString().split("\0").filter(Boolean);
  const of = (letter: string) => fields.find((field) => field.startsWith(letter))?.slice(1) ?? "";
  return `${of("S")} ${of("C")} ${of("M")} (${fields.map((field) => field[0]).join("")})`;
}

const attributes = (text: string) =>
  Object.fromEntries(text.split(",").map((part) => [part[0], part.slice(2)])) as Record<
    string,
    string | undefined
  >;

/** RFC 5802. */
function clientProof(password: string, salt: string, iterations: number, auth: string): string {
  const salted = pbkdf2Sync(password, Buffer.from(salt, "base64"), iterations, 32, "sha256");
  const key = createHmac("sha256", salted).update("Client Key").digest();
  const stored = createHash("sha256").update(key).digest();
  const signature = createHmac("sha256", stored).update(auth).digest();
  return Buffer.from(key.map((byte, i) => byte ^ signature[i]!)).toString("base64");
}
