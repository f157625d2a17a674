import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import {
  dumpRoleSettings,
  evaluatesDefinitions,
  lateSettings,
  plainSessionOptions,
  restoreRoleSettings,
  sessionOptions,
  sessionSettings,
  sessionShell,
} from "../../../contract/sessionSettings";
import { sessionFile } from "../../../scripts/npm/sessionFile";

/** Options as the server splits them (pg_split_opts). */
function read(options: string): Record<string, string> {
  const words = (options.match(/(?:\\.|[^\\\s])+/g) ?? []).map((word) =>
    word.replace(/\\(.)/g, "$1"),
  );
  const found: Record<string, string> = {};
  for (let index = 0; index < words.length; index += 2) {
    expect(words[index]).toBe("-c");
    const [, name, value] = /^([^=]+)=(.*)$/.exec(words[index + 1]!)!;
    found[name!] = value!;
  }
  return found;
}

const superuser = (major: number) => read(sessionOptions({ major, superuser: true }));

describe("a session's options", () => {
  it("begin with the search_path that nobody else creates in", () => {
    expect(sessionOptions({ major: 17, superuser: false })).toMatch(
      /^-c search_path=pg_catalog,pg_temp -c /,
    );
  });

  it("give the server every value as it is in the list, with spaces and none", () => {
    expect(superuser(17)).toEqual(
      Object.fromEntries(sessionSettings.map(({ name, value }) => [name, value])),
    );
    expect(superuser(17)).toMatchObject({ DateStyle: "ISO, YMD", local_preload_libraries: "" });
  });

  it("hold nothing that the major lacks: the server would refuse the login", () => {
    const lacks = (major: number) =>
      Object.keys(superuser(17)).filter((name) => !(name in superuser(major)));
    expect(lacks(13).sort()).toEqual([
      "event_triggers",
      "idle_session_timeout",
      "restrict_nonsystem_relation_kind",
      "transaction_timeout",
    ]);
    expect(lacks(16)).not.toContain("idle_session_timeout");
    expect(lacks(18)).toEqual([]);
  });

  it("hold nothing that only a superuser may set, for another role", () => {
    const given = read(sessionOptions({ major: 17, superuser: false }));
    expect(
      Object.keys(superuser(17))
        .filter((name) => !(name in given))
        .sort(),
    ).toEqual([
      "event_triggers",
      "lc_messages",
      "session_preload_libraries",
      "session_replication_role",
      "temp_file_limit",
      "track_activities",
    ]);
    // So the role that dumps has those by ALTER ROLE that could change or end a dump.
    const own = {
      lo_compat_privileges: "on",
      default_transaction_read_only: "on",
      session_replication_role: "origin",
      session_preload_libraries: "",
      lc_messages: "C",
    };
    expect(dumpRoleSettings(17)).toEqual({ ...own, event_triggers: "off" });
    expect(dumpRoleSettings(16)).toEqual(own);
  });

  it("are given to the role of a restore, where only a superuser may set them", () => {
    const all = [
      "session_replication_role=origin",
      "temp_file_limit=-1",
      "track_activities=on",
      "lc_messages=C",
    ];
    expect(restoreRoleSettings(13)).toEqual(all);
    expect(restoreRoleSettings(17)).toEqual(["event_triggers=off", ...all]);
  });

  it("take other values for a purpose, more of them, and fewer", () => {
    const settings = { ...evaluatesDefinitions, lock_timeout: "60s", jit: "off" };
    const given = read(sessionOptions({ major: 17, superuser: true, with: settings }));
    expect(given).toMatchObject({ lock_timeout: "60s", jit: "off", event_triggers: "off" });
    expect(given).not.toHaveProperty("restrict_nonsystem_relation_kind");
    expect(lateSettings({ superuser: true, with: settings })).toEqual(given);
  });

  it("are plain for a server that refused them, for every login", () => {
    const given = read(plainSessionOptions({ with: { lock_timeout: "1000" } }));
    expect(given).toMatchObject({ search_path: "pg_catalog,pg_temp", lock_timeout: "1000" });
    expect(given).not.toHaveProperty("event_triggers");
    expect(given).not.toHaveProperty("session_replication_role");
  });
});

describe("bash", () => {
  it.each([13, 14, 17, 18])("has the same options on PostgreSQL %i", (major) => {
    const purpose = { superuser: true, with: { jit: "off" } };
    const input = `set -eu; PG_MAJOR=${major}; ${sessionShell("S", purpose)} printf %s "$S"`;
    const said = execFileSync("bash", ["-s"], { input, encoding: "utf8" });
    expect(read(said)).toEqual(read(sessionOptions({ major, ...purpose })));
  });

  it("finds them in the image in a file that is up to date", () => {
    expect(readFileSync("images/postgres/lib/session.sh", "utf8")).toBe(sessionFile());
  });
});
