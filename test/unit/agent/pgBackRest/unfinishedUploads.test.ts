import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "../../../../scripts/agent/kit/context";
import { endUploads } from "../../../../scripts/agent/pgBackRest/maintenance";
import {
  bucketOf,
  removeUnfinishedUploads,
  uploadsIn,
} from "../../../../scripts/agent/pgBackRest/unfinishedUploads";
import { makeAuthority, signCertificate } from "../../../../scripts/steps/tls/certificates";

const folder = mkdtempSync(join(tmpdir(), "laterbase-uploads-"));
const signal = new AbortController().signal;
const now = Date.parse("2026-11-30T12:00:00Z");
const dayBefore = "2026-11-29T11:59:59.000Z";
const lately = "2026-11-29T12:00:01.000Z";

/** The clock of the store. */
let clock = now;
let server: Server;
let answers: { code: number; said: string }[] = [];
let asked: IncomingMessage[] = [];

const upload = (key: string, id: string, at: string) =>
  `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${at}</Initiated></Upload>`;
const page = (uploads: string[], more = "<IsTruncated>false</IsTruncated>") =>
  `<?xml version="1.0"?><ListMultipartUploadsResult>${more}${uploads.join("")}</ListMultipartUploadsResult>`;

beforeAll(async () => {
  const authority = await makeAuthority("test");
  const { certificate, key } = await signCertificate(authority, "test", ["127.0.0.1"]);
  server = createServer({ cert: certificate, key }, (request, response) => {
    asked.push(request);
    const { code, said } = answers.shift() ?? { code: 204, said: "" };
    response.writeHead(code, { date: new Date(clock).toUTCString() }).end(said);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  mkdirSync(join(folder, "conf.d"));
  writeFileSync(join(folder, "ca.crt"), authority.certificate);
  const { port } = server.address() as AddressInfo;
  writeFileSync(
    join(folder, "conf.d/repo.conf"),
    `[global]
repo1-path=/var/lib/pgbackrest/repo1
repo2-type=s3
repo2-path=/pgbackrest
repo2-s3-bucket=own
repo2-s3-endpoint=127.0.0.1
repo2-s3-region=us-east-1
repo2-s3-uri-style=path
repo2-storage-port=${port}
repo2-s3-key=access
repo2-s3-key-secret=sec=ret
repo2-storage-ca-file=${folder}/ca.crt
`,
  );
});
beforeEach(() => {
  clock = now;
  answers = [];
  asked = [];
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

const context = {
  config: { backups: { stanza: "main", repositories: [{}] } },
} as unknown as Context;
const removed = async () => removeUnfinishedUploads(await bucketOf(2, "main", folder), now, signal);
const lines = () => asked.map(({ method, url }) => `${method} ${url}`);

it("ends what nobody has finished for a day, of its own stanza only, page by page", async () => {
  answers = [
    { code: 200, said: page([]) },
    {
      code: 200,
      said: page(
        [
          upload("pgbackrest/backup/main/a &amp; b+1", "one/1", dayBefore),
          upload("pgbackrest/backup/main/new", "two", lately),
        ],
        "<IsTruncated>true</IsTruncated><NextKeyMarker>pgbackrest/backup/main/new</NextKeyMarker><NextUploadIdMarker>two</NextUploadIdMarker>",
      ),
    },
    {
      code: 200,
      // A server that does not know prefixes answers with everything.
      said: page([
        upload("of-others/old", "x", dayBefore),
        upload("pgbackrest/other", "y", dayBefore),
        upload("pgbackrest/backup/another/z", "w", dayBefore),
        upload("pgbackrest/backup/main/z", "three", dayBefore),
      ]),
    },
    { code: 204, said: "" },
    // It was finished meanwhile.
    { code: 404, said: "<Error><Code>NoSuchUpload</Code></Error>" },
  ];
  expect(await removed()).toBe(2);
  const list = "GET /own/?uploads=&prefix=pgbackrest%2F";
  const marker = "key-marker=pgbackrest%2Fbackup%2Fmain%2Fnew&upload-id-marker=two";
  expect(lines()).toEqual([
    `${list}archive%2Fmain%2F`,
    `${list}backup%2Fmain%2F`,
    `${list}backup%2Fmain%2F&${marker}`,
    "DELETE /own/pgbackrest/backup/main/a%20%26%20b%2B1?uploadId=one%2F1",
    "DELETE /own/pgbackrest/backup/main/z?uploadId=three",
  ]);
  const { port } = server.address() as AddressInfo;
  for (const { headers } of asked) {
    expect(headers.host).toBe(`127.0.0.1:${port}`);
    expect(headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=access\/\d{8}\/us-east-1\/s3\/aws4_request, SignedHeaders=host;\S+, Signature=[0-9a-f]{64}$/,
    );
    expect(JSON.stringify(headers)).not.toContain("sec=ret");
  }
});

it("ends nothing that is young by the store's clock", async () => {
  clock = Date.parse("2026-11-29T12:00:00Z");
  answers = [{ code: 200, said: page([upload("pgbackrest/archive/main/a", "1", dayBefore)]) }];
  answers.push({ code: 200, said: page([]) });
  expect(await removed()).toBe(0);
  expect(lines()).toHaveLength(2);
});

it("looks only at the stanza's files where the repository is the whole bucket", async () => {
  const conf = join(folder, "conf.d/repo.conf");
  const before = readFileSync(conf, "utf8");
  writeFileSync(conf, before.replace("repo2-path=/pgbackrest", "repo2-path=/"));
  expect((await bucketOf(2, "main", folder)).prefixes).toEqual(["archive/main/", "backup/main/"]);
  writeFileSync(conf, before);
});

it("says what the store refuses, by its code", async () => {
  answers = [{ code: 403, said: "<Error><Code>AccessDenied</Code><Message>x</Message></Error>" }];
  await expect(removed()).rejects.toThrow("the store answered 403 AccessDenied.");
  answers = [{ code: 502, said: "<html>" }];
  await expect(removed()).rejects.toThrow("the store answered 502.");
});

it("is a note of the maintenance, also where it cannot be done", async () => {
  const longAgo = "2000-01-01T00:00:00.000Z";
  const old = ["1", "2"].map((id) => upload("pgbackrest/archive/main/a", id, longAgo));
  const none = { code: 200, said: page([]) };
  const ended = { code: 204, said: "" };
  answers = [{ code: 200, said: page(old) }, none, ended, ended];
  expect(await endUploads(context, 2, signal, folder)).toEqual([
    "2 uploads were ended that killed commands had not finished.",
  ]);
  answers = [{ code: 200, said: page(old.slice(1)) }, none, ended];
  expect(await endUploads(context, 2, signal, folder)).toEqual([
    "1 upload was ended that killed commands had not finished.",
  ]);
  answers = [none, none];
  expect(await endUploads(context, 2, signal, folder)).toEqual([]);
  answers = [{ code: 403, said: "<Error><Code>AccessDenied</Code></Error>" }];
  expect(await endUploads(context, 2, signal, folder)).toEqual([
    "Unfinished uploads could not be looked for: the store answered 403 AccessDenied.",
  ]);
});

it("trusts no other authority, and names a line that is missing", async () => {
  const bucket = await bucketOf(2, "main", folder);
  delete bucket.ca;
  await expect(removeUnfinishedUploads(bucket, now, signal)).rejects.toThrow(/certificate/);
  await expect(bucketOf(1, "main", folder)).rejects.toThrow(
    "pgBackRest's configuration has no repo1-s3-endpoint.",
  );
});

it("leaves an upload whose time nobody can read", () => {
  expect(uploadsIn(page([upload("a", "1", "yesterday"), upload("", "2", dayBefore)]))).toEqual([]);
  expect(uploadsIn(page([upload("&#97;&#x62;&amp;lt;&#zz;", "1", dayBefore)]))).toEqual([
    { key: "ab&lt;&#zz;", id: "1", at: Date.parse(dayBefore) },
  ]);
});
