import { execFileSync } from "node:child_process";
import { archiveFile, writingScript } from "../../../scripts/primary/pgBackRest/files";
import { refusals } from "../../../scripts/steps/backups/emptyPrimary";
import { readInfo, type RepositoryInfo } from "../../../scripts/steps/backups/info";
import { whatToDo } from "../../../scripts/steps/backups/stanza";

const system = "7578071526401413147";

describe("what pgBackRest says of a stanza", () => {
  const printed = JSON.stringify([
    {
      name: "main",
      db: [
        { id: 1, "repo-key": 1, "system-id": 0, version: "15" },
        { id: 2, "repo-key": 1, "system-id": 1, version: "17" },
        { id: 1, "repo-key": 2, "system-id": 1, version: "17" },
      ],
      repo: [
        { cipher: "none", key: 1, status: { code: 2, message: "no valid backups" } },
        { cipher: "none", key: 2, status: { code: 0, message: "ok" } },
        { cipher: "none", key: 3, status: { code: 1, message: "missing stanza path" } },
        { cipher: "none", key: 4, status: { code: 99, message: "[HostConnectError] no\nHINT: x" } },
      ],
      backup: [
        { label: "20261128-020000F", database: { "repo-key": 2 }, timestamp: { stop: 5 } },
        { label: "20261129-020000F", database: { "repo-key": 2 }, timestamp: { stop: 7 } },
        { label: "20261130-020000F", database: { "repo-key": 3 }, timestamp: { stop: 9 } },
      ],
    },
  ]).replaceAll('"system-id":1', `"system-id":${system}`);

  it("is read for each repository, with every digit of the newest server's identifier", () => {
    const server = { system, version: 17 };
    expect(readInfo(printed, "main").repositories).toEqual([
      { number: 1, state: "there", why: "no valid backups", server },
      { number: 2, state: "there", why: "ok", server, newest: "20261129-020000F" },
      { number: 3, state: "missing", why: "missing stanza path", newest: "20261130-020000F" },
      { number: 4, state: "unreadable", why: "[HostConnectError] no" },
    ]);
  });

  it("is read where the words repeat the bytes of a file", () => {
    const bytes = printed.replace("[HostConnectError] no", "[FormatError] Salted__\u0007\u001b");
    expect(readInfo(bytes, "main").repositories[3]).toEqual({
      ...{ number: 4, state: "unreadable" },
      why: "[FormatError] Salted__  ",
    });
  });

  it("is nothing for a stanza that no repository has", () => {
    expect(readInfo("[]", "main")).toEqual({ repositories: [] });
    expect(readInfo(printed, "other")).toEqual({ repositories: [] });
  });
});

describe("an empty primary", () => {
  const place = { data: "laterbase-dev-primary-data", restore: "npm run laterbase -- restore" };

  it("may start where no repository holds anything", () => {
    expect(refusals([], place)).toEqual([]);
  });

  it("is refused beside backups, and beside a repository that nobody can read", () => {
    expect(
      refusals(
        [
          { number: 1, location: "bucket b at s3.example", newest: "20261129-020000F" },
          { number: 2, location: "bucket c of the stack's object store" },
          { number: 3, location: "/srv/backups", why: "[CryptoError] no" },
        ],
        place,
      ),
    ).toEqual([
      "The primary has no data: its volume laterbase-dev-primary-data is missing or empty. It was not started, because it would be empty.",
      "Repository 1 (bucket b at s3.example) holds backups of it, the newest of them 20261129-020000F.",
      "Repository 2 (bucket c of the stack's object store) holds backups of it.",
      "Repository 3 (/srv/backups) cannot be read: [CryptoError] no. Where another machine generated its passphrase, set laterbase:backups.encryption.passphrase to that.",
      "To get the data back, run 'npm run laterbase -- restore', which shows what it does first.",
      "To begin with an empty primary, set laterbase:backups.stanza to another name: the backups stay where they are.",
    ]);
  });
});

describe("what a repository needs", () => {
  const server = { system, version: 17 };
  const with_ = (own: Partial<RepositoryInfo>): RepositoryInfo => ({
    ...{ number: 1, state: "there", why: "ok" },
    ...own,
  });

  it.each([
    ["a repository without the stanza", undefined, "create"],
    ["one that lost it", with_({ state: "missing" }), "create"],
    ["the same server", with_({ server }), "nothing"],
    ["the same server after an upgrade", with_({ server: { system, version: 15 } }), "upgrade"],
    [
      "an older server in our own place",
      with_({ server: { system: "1", version: 15 } }),
      "upgrade",
    ],
    ["another server", with_({ server: { system: "1", version: 17 } }), "refuse"],
    ["another, newer server", with_({ server: { system: "1", version: 18 } }), "refuse"],
    ["one that cannot be read", with_({ state: "unreadable" }), "try"],
  ] as const)("for %s", (_, found, does) => {
    expect(whatToDo(found, server, true)).toBe(does);
  });

  it("for an older server in a place that others may use", () => {
    expect(whatToDo(with_({ server: { system: "1", version: 15 } }), server, false)).toBe("refuse");
    expect(whatToDo(with_({ server: { system, version: 15 } }), server, false)).toBe("upgrade");
  });
});

describe("the files", () => {
  it("quote the archive settings for PostgreSQL", () => {
    const settings = {
      archive_command: "pgbackrest --stanza=a'b archive-push %p",
      archive_timeout: "60",
    };
    expect(archiveFile(settings)).toEqual({
      name: "archive.conf",
      content:
        "archive_command = 'pgbackrest --stanza=a''b archive-push %p'\narchive_timeout = '60'\n",
      mode: "0644",
    });
  });

  it("go to bash as base64, so that no content ends the script", () => {
    const nasty = {
      name: "conf.d/it's.conf",
      content: "LATERBASE_FILE\n$(touch /x)\n".repeat(9),
      mode: "0640",
    };
    const script = writingScript([nasty]);
    expect(script).not.toContain("touch");
    expect(execFileSync("bash", ["-n"], { input: script }).toString()).toBe("");
    const [, name, body] = /\nput ('.*') '0640' <<'LATERBASE_FILE'\n([^_]*)\nLATERBASE_FILE\n/.exec(
      script,
    )!;
    expect(name).toBe("'conf.d/it'\\''s.conf'");
    expect(Buffer.from(body!, "base64").toString()).toBe(nasty.content);
  });
});
