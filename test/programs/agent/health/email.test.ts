import net, { type AddressInfo } from "node:net";
import tls from "node:tls";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import type { EmailTarget } from "../../../../contract/health/config";
import { sendEmail } from "../../../../scripts/agent/health/notify/email";
import { type Message, messageOf } from "../../../../scripts/agent/health/notify/message";
import { at } from "../../../support/healthSnapshot";
import { ownCertificate } from "../../../support/hookServer";

interface Mail {
  from: string;
  to: string[];
  user: string;
  secure: boolean;
  text: string;
}

let mails: Mail[];
const stops: (() => Promise<void>)[] = [];
const certificate = ownCertificate();
const another = ownCertificate("mail.example.com");
const trusted = tls.getCACertificates("default");

beforeEach(() => (mails = []));
afterEach(() => Promise.all(stops.splice(0).map((stop) => stop())));
beforeAll(() => tls.setDefaultCACertificates([...trusted, certificate.cert, another.cert]));
afterAll(() => tls.setDefaultCACertificates(trusted));

/** A real SMTP server that takes the user `me` with the password `p:w`. */
async function smtp(options: SMTPServerOptions = {}): Promise<number> {
  const server = new SMTPServer({
    ...certificate,
    onAuth: ({ username, password }, _session, done) =>
      username === "me" && password === "p:w"
        ? done(null, { user: username })
        : done(Object.assign(new Error("The login p:w is wrong"), { responseCode: 535 })),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom ? mailFrom.address : "",
          to: rcptTo.map(({ address }) => address),
          user: String(session.user ?? ""),
          secure: session.secure,
          text: Buffer.concat(chunks).toString(),
        });
        done();
      });
    },
    ...options,
  });
  server.on("error", () => undefined);
  stops.push(() => new Promise((resolve) => server.close(() => resolve())));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return (server.server.address() as AddressInfo).port;
}

const message = messageOf({
  ...{ event: "change", stack: "dev", at, verdict: "unhealthy", was: "healthy" },
  sentence: "Not everything works: standby.",
  checks: [
    {
      ...{ name: "dump of Ünï\r\n.\r\nBcc: x@y.z", status: "failed", was: "good" },
      ...{ sentence: "No room.", since: at, command: "npm run laterbase -- dump" },
    },
  ],
  others: [],
});

const target = (port: number, parts: Partial<EmailTarget> = {}): EmailTarget => ({
  ...{ kind: "email", host: "localhost", port, security: "starttls", user: "me", password: "p:w" },
  ...{ from: "Laterbase <db@example.com>", to: ["a@example.com", "b@example.com"] },
  ...parts,
});

const send = (to: EmailTarget, one: Message = message, timeoutMs = 5000) =>
  sendEmail(to, one, "Etc/UTC", timeoutMs);

/** The header lines of a mail, by their names. */
function headersOf({ text }: Mail): Record<string, string> {
  const [head = ""] = text.split("\r\n\r\n");
  const lines = head.replace(/\r\n[ \t]/g, " ").split("\r\n");
  return Object.fromEntries(
    lines.map((line) => [line.split(": ")[0]!.toLowerCase(), line.split(": ").slice(1).join(": ")]),
  );
}

const bodyOf = ({ text }: Mail) => {
  const body = text.slice(text.indexOf("\r\n\r\n") + 4);
  const encoding = /^content-transfer-encoding: (.*)\r$/im.exec(text)?.[1];
  return encoding === "base64"
    ? Buffer.from(body, "base64").toString()
    : Buffer.from(
        body
          .replace(/=\r\n/g, "")
          .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
        "latin1",
      ).toString();
};

it.each([
  ["starttls", {}],
  ["tls", { secure: true }],
] as const)("over %s it logs in and reaches every recipient", async (security, options) => {
  expect(await send(target(await smtp(options), { security }))).toBeUndefined();
  expect(mails).toHaveLength(1);
  const [mail] = mails as [Mail];
  expect(mail).toMatchObject({
    ...{ from: "db@example.com", to: ["a@example.com", "b@example.com"], user: "me", secure: true },
  });
  expect(headersOf(mail)).toEqual({
    ...{ from: "Laterbase <db@example.com>", to: "a@example.com, b@example.com" },
    ...{ subject: "Laterbase dev is unhealthy", "auto-submitted": "auto-generated" },
    "message-id": `<${message.id}@example.com>`,
    date: "Mon, 30 Nov 2026 12:00:00 +0000",
    ...{ "mime-version": "1.0", "content-type": "text/plain; charset=utf-8" },
    "content-transfer-encoding": expect.any(String),
  });
  expect(bodyOf(mail).replace(/\r\n/g, "\n")).toBe(
    [
      ...["Not everything works: standby.", ""],
      "FAILED since 2026-11-30 12:00 Etc/UTC: dump of Ünï\\r\\n.\\r\\nBcc: x@y.z",
      ...["No room.", "npm run laterbase -- dump", ""],
    ].join("\n"),
  );
});

it("without encryption it works only where that is configured", async () => {
  const plain = { hideSTARTTLS: true, disabledCommands: ["STARTTLS"], authOptional: true };
  const port = await smtp(plain);
  const noLogin = target(port);
  delete noLogin.user;
  delete noLogin.password;
  await expect(send({ ...noLogin, security: "starttls" })).rejects.toMatchObject({
    code: "ETLS",
  });
  expect(mails).toEqual([]);
  await send({ ...noLogin, security: "none" });
  expect(mails).toMatchObject([{ secure: false, user: "" }]);
});

it.each([
  [
    "a wrong password",
    () => smtp(),
    { password: "wrong" },
    { code: "SMTP 535", permanent: true, message: "SMTP 535" },
  ],
  [
    "a certificate for another name",
    () => smtp(another),
    {},
    { code: "ERR_TLS_CERT_ALTNAME_INVALID", permanent: false },
  ],
  [
    "a server that is busy",
    () =>
      smtp({
        onMailFrom: (_address, _session, done) =>
          done(Object.assign(new Error("busy"), { responseCode: 451 })),
      }),
    {},
    { code: "SMTP 451", permanent: false },
  ],
  [
    "recipients that nobody knows",
    () =>
      smtp({
        onRcptTo: (_address, _session, done) =>
          done(Object.assign(new Error("who?"), { responseCode: 550 })),
      }),
    {},
    { code: "SMTP 550", permanent: true },
  ],
] as const)("%s is told by its code", async (_what, start, parts, failure) => {
  await expect(send(target(await start(), parts))).rejects.toMatchObject(failure);
  expect(mails).toEqual([]);
});

it("a recipient who is refused is named by number, and the others get it", async () => {
  const port = await smtp({
    onRcptTo: ({ address }, _session, done) =>
      done(
        address.startsWith("b")
          ? Object.assign(new Error("who?"), { responseCode: 550 })
          : undefined,
      ),
  });
  expect(await send(target(port))).toBe("1 of 2 recipients were refused.");
  expect(mails.map(({ to }) => to)).toEqual([["a@example.com"]]);
});

it("a server that says nothing, or a letter now and then, holds nothing up", async () => {
  for (const drip of [false, true]) {
    const silent = net.createServer((socket) => {
      const timer = setInterval(() => drip && socket.write("2"), 50);
      socket.on("close", () => clearInterval(timer));
      socket.on("error", () => undefined);
    });
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    stops.push(() => new Promise((resolve) => silent.close(() => resolve())));
    const { port } = silent.address() as AddressInfo;
    // It would wait for ever.
    await expect(send(target(port), message, 300)).rejects.toMatchObject({
      ...{ code: "ETIMEDOUT", permanent: false },
    });
  }
});

it("nobody listens", async () => {
  await expect(send(target(1))).rejects.toMatchObject({ code: expect.stringMatching(/^E[A-Z]+$/) });
});
