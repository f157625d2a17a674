import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { NotesServer } from "../../support/notesServer";
import { run } from "../../support/process";

// The program of a job against a small server that speaks GitLab's notes API.
const folder = mkdtempSync(join(tmpdir(), "lbt-note-"));
const file = join(folder, "note.md");
const token = "glpat-0123456789";
const server = new NotesServer(token);
const { asked } = server;
let api = "";

beforeAll(async () => {
  api = (await server.start()).api;
});

afterAll(() => {
  server.stop();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  asked.length = 0;
  server.notes = [];
  server.next = [];
});

function write(text: string, env: Record<string, string> = {}, stack = "prod") {
  writeFileSync(file, text);
  const job = { CI_API_V4_URL: api, CI_PROJECT_ID: "a group/project", CI_MERGE_REQUEST_IID: "7" };
  const words = ["--require", "tsx/cjs", "scripts/ci/mergeNote.ts", stack, file];
  return run("node", words, { env: { ...process.env, ...job, NOTE_TOKEN: token, ...env } });
}

const path = "/api/v4/projects/a%20group%2Fproject/merge_requests/7/notes";

it("makes a note, edits it at the next push, and leaves one that is the same", async () => {
  server.notes = [{ id: 1, body: "<!-- laterbase preview of prod --> changed", system: true }];
  expect((await write("first")).stderr).toBe("The note of stack prod is made.\n");
  expect((await write("second")).stderr).toBe("The note of stack prod is edited.\n");
  expect((await write("second")).stderr).toBe("The note of stack prod is unchanged.\n");
  expect((await write("other", {}, "dev")).stderr).toBe("The note of stack dev is made.\n");
  expect(server.notes.map(({ body }) => body)).toEqual([
    "<!-- laterbase preview of prod --> changed",
    "<!-- laterbase preview of prod -->\nsecond\n",
    "<!-- laterbase preview of dev -->\nother\n",
  ]);
  expect(asked.filter((one) => !one.startsWith("GET"))).toEqual([
    `POST ${path}`,
    `PUT ${path}/2`,
    `POST ${path}`,
  ]);
});

it("finds its note below hundreds of others", async () => {
  server.notes = [{ id: 1, body: "<!-- laterbase preview of prod -->\nold\n", system: false }];
  for (let id = 2; id <= 350; id++) server.notes.push({ id, body: `talk ${id}`, system: false });
  expect((await write("new")).stderr).toBe("The note of stack prod is edited.\n");
  expect([server.notes.length, server.notes[0]!.body]).toEqual([
    350,
    "<!-- laterbase preview of prod -->\nnew\n",
  ]);
});

it("has no secret of the job", async () => {
  const passphrase = "open sesame and more";
  await write(`a ${passphrase} and ${token}`, { PULUMI_CONFIG_PASSPHRASE: passphrase });
  expect(server.notes[0]!.body).toBe(
    "<!-- laterbase preview of prod -->\na [masked] and [masked]\n",
  );
  // The file is an artifact of the job.
  expect(readFileSync(file, "utf8")).toBe("a [masked] and [masked]");
});

it("tries again while GitLab is busy", async () => {
  server.next = [503, 429];
  const { code, stderr } = await write("first");
  expect([code, stderr, server.notes.length]).toEqual([0, "The note of stack prod is made.\n", 1]);
});

it.each([
  [
    { NOTE_TOKEN: "glpat-wrong-one" },
    "GitLab refuses the token: NOTE_TOKEN has to be a project token with the scope api.",
  ],
  [{ CI_API_V4_URL: "http://127.0.0.1:65534/api/v4" }, "GitLab cannot be reached (ECONNREFUSED)."],
  [
    { CI_MERGE_REQUEST_IID: "" },
    "This job does not belong to a merge request: CI_MERGE_REQUEST_IID is not set.",
  ],
])(
  "says in a sentence what is wrong: %j",
  async (env, sentence) => {
    const { code, stdout, stderr } = await write("first", env);
    expect([code, stdout, stderr]).toEqual([1, "", `${sentence}\n`]);
  },
  60_000,
);

it("goes through the proxy that the job names", async () => {
  const connects: string[] = [];
  const proxy = createServer().on("connect", ({ url = "" }: IncomingMessage, client: Duplex) => {
    connects.push(url);
    const [host, port] = url.split(":");
    const to = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      to.pipe(client).pipe(to);
    });
    for (const end of [to, client]) end.on("error", () => undefined);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  try {
    const at = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const job = { CI_API_V4_URL: api, CI_PROJECT_ID: "a group/project", CI_MERGE_REQUEST_IID: "7" };
    const none = { NO_PROXY: undefined, no_proxy: undefined, http_proxy: undefined };
    writeFileSync(file, "first");
    const words = ["-c", '. scripts/ci/lib.sh; merge_note "$@"', "lib", "prod", file];
    const env = { ...job, ...none, NOTE_TOKEN: token, HTTP_PROXY: at };
    const { code, stderr } = await run("bash", words, { env });
    // Node itself says before it that this is an experiment.
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^The note of stack prod is made\.\n$/m),
    ]);
    expect(connects).toContain(new URL(api).host);
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
});

it("writes none for a fork, which has no token, and passes", async () => {
  const { code, stderr } = await write("first", { NOTE_TOKEN: "" });
  expect([code, stderr, server.notes]).toEqual([
    0,
    "NOTE_TOKEN is not set, so the merge request gets no note.\n<!-- laterbase preview of prod -->\nfirst\n\n",
    [],
  ]);
});

describe("on GitHub", () => {
  const place = "/api/v4/repos/an-owner/a-name/issues";
  const job = {
    ...{ CI_API_V4_URL: "", CI_PROJECT_ID: "", CI_MERGE_REQUEST_IID: "" },
    ...{ GITHUB_REPOSITORY: "an-owner/a-name", GITHUB_REF: "refs/pull/12/merge" },
  };
  const ofGitHub = (text: string, env: Record<string, string> = {}) =>
    write(text, { ...job, GITHUB_API_URL: api, ...env });

  it("makes a comment in the pull request, and edits it at the next push", async () => {
    expect((await ofGitHub("first")).stderr).toBe("The note of stack prod is made.\n");
    expect((await ofGitHub("second")).stderr).toBe("The note of stack prod is edited.\n");
    expect(server.notes.map(({ body }) => body)).toEqual([
      "<!-- laterbase preview of prod -->\nsecond\n",
    ]);
    expect(asked.filter((one) => !one.startsWith("GET"))).toEqual([
      `POST ${place}/12/comments`,
      `PATCH ${place}/comments/1`,
    ]);
  });

  it("writes the note on the run's page too, also for a fork, and cuts it to what GitHub takes", async () => {
    const summary = join(folder, "summary.md");
    const { code } = await ofGitHub("x".repeat(70_000), {
      ...{ GITHUB_STEP_SUMMARY: summary, NOTE_TOKEN: "" },
    });
    const written = readFileSync(summary, "utf8");
    expect([code, server.notes, written.length <= 65_000]).toEqual([0, [], true]);
    expect(written).toContain("The rest is cut: the job's artifact has the whole note.\n");
  });

  it("says that the token may not write", async () => {
    server.next = [403];
    const { code, stderr } = await ofGitHub("first");
    expect([code, stderr]).toEqual([
      1,
      "GitHub lets the token write no comments: the job needs the permission `pull-requests: write`.\n",
    ]);
  });

  it("says that a run belongs to no pull request", async () => {
    const { stderr } = await ofGitHub("first", { GITHUB_REF: "refs/heads/main" });
    expect(stderr).toBe("This job does not belong to a pull request: GITHUB_REF names none.\n");
  });
});
