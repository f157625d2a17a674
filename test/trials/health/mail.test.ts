import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import type { EmailTarget } from "../../../contract/health/config";
import { notifier } from "../../../scripts/agent/health/notify/notifier";
import { bad, good, later, snapshotOf } from "../../support/healthSnapshot";
import { ownCertificate, until } from "../../support/hookServer";
import { freePort } from "../../support/prometheus";

// A real mail server, Debian's Postfix. It demands STARTTLS, knows one mailbox, and relays nothing.

let folder: string;
let port: number;
const postfix = (what: string) =>
  execFileSync("postfix", ["-c", join(folder, "etc"), what], { stdio: "ignore" });
const trusted = tls.getCACertificates("default");
const log: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lbt-smtpd-"));
  chmodSync(folder, 0o755);
  for (const name of ["etc", "queue", "data", "mail"]) mkdirSync(join(folder, name));
  const { key, cert } = ownCertificate();
  tls.setDefaultCACertificates([...trusted, cert]);
  const etc = (name: string) => join(folder, "etc", name);
  writeFileSync(etc("key"), key, { mode: 0o600 });
  writeFileSync(etc("cert"), cert);
  execFileSync("chown", ["postfix", join(folder, "data")]);
  execFileSync("chown", ["nobody", join(folder, "mail")]);
  port = await freePort();
  const master = readFileSync("/usr/share/postfix/master.cf.dist", "utf8");
  writeFileSync(
    etc("master.cf"),
    master
      .replace(/^smtp +inet .*$/m, `127.0.0.1:${port} inet n - n - - smtpd`)
      .replace(/^pickup /m, "#pickup ")
      // No service in a chroot, which the package would have to fill.
      .replace(/^(\S+ +\S+ +\S+ +\S+ +)y /gm, "$1n "),
  );
  const settings = {
    compatibility_level: "3.6",
    queue_directory: join(folder, "queue"),
    data_directory: join(folder, "data"),
    maillog_file_prefixes: folder,
    maillog_file: join(folder, "log"),
    myhostname: "localhost",
    mydestination: "",
    inet_protocols: "ipv4",
    mynetworks: "127.0.0.0/8",
    smtpd_tls_security_level: "encrypt",
    smtpd_tls_cert_file: etc("cert"),
    smtpd_tls_key_file: etc("key"),
    virtual_mailbox_domains: "example.com",
    virtual_mailbox_base: join(folder, "mail"),
    virtual_mailbox_maps: "inline:{you@example.com=you/}",
    virtual_uid_maps: "static:65534",
    virtual_gid_maps: "static:65534",
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
  writeFileSync(etc("main.cf"), lines.join(""));
  postfix("start");
  await listening();
}, 60_000);

afterAll(() => {
  postfix("stop");
  tls.setDefaultCACertificates(trusted);
  rmSync(folder, { recursive: true });
});

/** Waits until the server takes connections. */
async function listening(): Promise<void> {
  const reached = () =>
    new Promise<boolean>((resolve) => {
      const socket = net.connect(port, "127.0.0.1");
      socket.once("connect", () => (socket.destroy(), resolve(true)));
      socket.once("error", () => resolve(false));
    });
  const end = Date.now() + 30_000;
  while (!(await reached())) {
    if (Date.now() > end) throw new Error("Postfix does not listen.");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const target = (parts: Partial<EmailTarget> = {}): EmailTarget => ({
  ...{ kind: "email", host: "localhost", port, security: "starttls" },
  ...{ from: "Laterbase <db@example.com>", to: ["you@example.com"], ...parts },
});

const mails = () => {
  const inbox = join(folder, "mail/you/new");
  try {
    return readdirSync(inbox).map((name) => readFileSync(join(inbox, name), "utf8"));
  } catch {
    return [];
  }
};

it("a fault and its end arrive as two mails, and a test says whose mailbox is not there", async () => {
  const one = notifier({
    ...{ config: { stack: "dev", timeZone: "Etc/UTC" }, pings: {}, folder },
    ...{
      targets: [target(), target({ to: ["nobody@example.com"] })],
      log: (text) => log.push(text),
    },
  });
  await one.note(snapshotOf([bad("standby", "failed")], later(0)), undefined);
  await until(() => mails().length === 1, "the first mail", 30);
  expect(mails()[0]).toMatch(/^Subject: Laterbase dev is unhealthy\r?$/m);
  await one.note(snapshotOf([good("standby")], later(600)), undefined);
  await until(() => mails().length === 2, "the second mail", 30);
  const again = mails().find((mail) => mail.includes("Subject: Laterbase dev is healthy again"));
  expect(again).toContain("GOOD AGAIN after 10 min: standby");
  expect(await one.test()).toMatchObject([
    { target: "notify 1 (email)", sent: true },
    { target: "notify 2 (email)", sent: false, code: "SMTP 550" },
  ]);
  await until(() => mails().length === 3, "the test", 30);
  expect(log[0]).toBe("notify 2 (email) was not reached: SMTP 550. It is tried again.");
  await one.stop();
}, 120_000);
