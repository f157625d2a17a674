import { levels, mostRepositories } from "../../components/pgBackRest/rules";
import { configurationOf, inImage, optionsOf, parsedBy, placed } from "../support/pgBackRestParser";

const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const s3 = { type: "s3", bucket: "homelab-backups", accessKey: "AK", secretKey: 's3 #;"[x]=\\' };
const azure = { type: "azure", container: "backups", account: "acc", key: "a2V5" };
const key = JSON.stringify({ client_email: "me", private_key: "pem", token_uri: "https://t" });

/** Every type of repository, encrypted or not, alone and together. */
const stackFiles: Record<string, object> = {
  posix: {},
  "posix, encrypted": { encryption: {} },
  "S3 of Amazon": { repositories: [s3] },
  "S3 of a server with a CA": {
    repositories: [{ ...s3, endpoint: "s3.nas.local:7070", uriStyle: "path", ca: pem }],
  },
  Azure: { repositories: [azure] },
  "Azure of a server with a CA": {
    repositories: [{ ...azure, endpoint: "azure.nas.local:10000", ca: pem }],
  },
  Google: { repositories: [{ type: "gcs", bucket: "backups", key }] },
  "the object store": { repositories: [{ type: "objectStore" }] },
  "two, the second encrypted with less kept": {
    ...{ compression: { type: "gz" }, async: false, stanza: "main" },
    repositories: [
      { type: "posix" },
      {
        ...{ type: "objectStore", encryption: { passphrase: "é # x" }, bundle: false },
        retention: { full: 30, fullType: "time", diff: 1 },
      },
    ],
  },
};

/** How pgBackRest repeats an option: 2.33 has a size in bytes, and each release hides other ones. */
const forms = (option: string) => [
  option,
  option.replace(/=(\d+)GB$/, (_, size) => `=${Number(size) * 2 ** 30}`),
  option.replace(/=.*/, "=<redacted>"),
];

// pgBackRest of each major reads what we render, and has every option as we meant it.
// This does not prove that a bucket can be reached: other tests do.
describe.each([13, 15, 17])("the pgBackRest of PostgreSQL %i", (major) => {
  it("takes every option of every type of repository", async () => {
    const cases = Object.entries(stackFiles).map(([name, change]) => ({
      name,
      files: configurationOf(change, major),
    }));
    const commands = ["backup", "archive-push 000000010000000000000001"];
    const parsed = await parsedBy(
      major,
      cases.flatMap(({ files }) => commands.map((words) => ({ files, words }))),
    );
    for (const [i, { name, files }] of cases.entries()) {
      const [backup, push] = parsed.slice(2 * i, 2 * i + 2);
      // 62: the stanza is stopped, which pgBackRest notices when it has read its options.
      expect([name, backup!.code, push!.code, backup!.text]).toEqual([
        ...[name, 62, 62],
        expect.not.stringMatching(/WARN/),
      ]);
      const seen = new Set([...backup!.options, ...push!.options]);
      const options = await optionsOf(files);
      const missing = options.filter((one) => !forms(one).some((form) => seen.has(form)));
      expect([name, missing]).toEqual([name, []]);
    }
  }, 600_000);

  it("takes each type of compression up to both ends of our range, and no repository after the last", async () => {
    const files = configurationOf({}, major);
    const most = mostRepositories(major);
    const own: Record<string, readonly number[]> = levels[major < 17 ? "older" : "newer"];
    const all = Object.entries(own).flatMap(([type, ends]) => ends.map((end) => ({ type, end })));
    const parsed = await parsedBy(major, [
      ...all.map(({ type, end }) => ({
        files: configurationOf({ compression: { type, level: end } }, major),
        words: "backup",
      })),
      ...[most, most + 1].map((number) => ({
        files,
        words: `--repo${number}-path=/x backup`,
      })),
    ]);
    const last = parsed.splice(-2);
    expect(parsed.map(({ code }) => code)).toEqual(all.map(() => 62));
    expect(last.map(({ code }) => code)).toEqual([62, 31]);
  }, 600_000);

  it("encrypts with exactly the passphrase of the stack file", async () => {
    const passphrase = 'é # [x]=y; "q" \\ z';
    const files = configurationOf({ encryption: { passphrase } }, major);
    const text = Buffer.from(passphrase).toString("base64");
    const data = "/var/lib/postgresql/primary/data";
    const made = await inImage(major, [
      ...(await placed(files)),
      "install -d -o 999 /tmp/pgbackrest /var/lib/pgbackrest/repo1 /var/lib/pgbackrest/log",
      `as_postgres initdb -A trust -N -D ${data} >/dev/null`,
      "as_postgres pgbackrest --stanza=main --no-online stanza-create >&2 || exit 1",
      `openssl enc -d -aes-256-cbc -md sha1 -pass file:<(base64 -d <<<${text}) ` +
        "-in /var/lib/pgbackrest/repo1/archive/main/archive.info 2>/dev/null | grep -c ^db-system-id=",
    ]);
    expect(made).toEqual(["1"]);
  }, 600_000);
});
