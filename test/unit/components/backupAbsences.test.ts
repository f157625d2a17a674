import { parseConfig } from "../../../components";
import { absences } from "../../../components/pgBackRest/absences";
import { backed } from "../../support/badBackups";
import { standbys } from "../../support/badConfigs";

const said = (change: object, version = 17, more: object = {}): string[] =>
  absences(parseConfig({ ...backed(change, version), ...more }, "f"));

const complete = { encryption: {}, schedules: { full: "0 2 * * 0" } };

describe("what backups do without", () => {
  it("is nothing with 17, encryption and a full backup", () => {
    expect(said(complete)).toEqual([]);
    expect(said(complete, 17, { standbys })).toEqual([]);
  });

  it("is a cipher, by repository", () => {
    expect(said({ ...complete, encryption: undefined })).toEqual([
      "Repository 1 of laterbase:backups is not encrypted: set encryption to {} before the first backup, or leave it so.",
    ]);
    const repositories = [
      { type: "posix" },
      { type: "posix", encryption: {} },
      { type: "posix", path: "/srv/r" },
    ];
    expect(said({ ...complete, encryption: undefined, repositories })).toEqual([
      "Repositories 1, 3 of laterbase:backups are not encrypted: set encryption to {} before the first backup, or leave it so.",
    ]);
  });

  it("is everything while archiving is off", () => {
    expect(said({ repositories: [{ type: "none" }] })).toEqual([
      'laterbase:backups.repositories is "none": archiving is off, so there are no backups and nothing can be restored to a moment.',
    ]);
  });

  it("is the full backup that nobody scheduled", () => {
    expect(said({ encryption: {} })).toEqual([
      "laterbase:backups.schedules.full is not set: after the first full backup no other is made, so nothing ever expires.",
    ]);
  });

  it("is what an older pgBackRest cannot", () => {
    expect(said(complete, 15, { standbys })).toEqual([
      "PostgreSQL 15 has pgBackRest 2.45, which stores no blocks: an incremental backup copies each changed file as a whole.",
    ]);
    expect(said(complete, 13, { standbys })).toEqual([
      "PostgreSQL 13 has pgBackRest 2.33, which does not bundle small files: a backup of many small tables takes longer.",
      "PostgreSQL 13 has pgBackRest 2.33, which stores no blocks: an incremental backup copies each changed file as a whole.",
      "PostgreSQL 13 has pgBackRest 2.33, whose verify has no report: Laterbase reads its log, and looks for gaps in the WAL.",
      "Backups read the primary: with PostgreSQL 13 only a superuser could start one on the standby.",
    ]);
  });

  it("is a standby that is elsewhere", () => {
    const more = {
      bindAddress: "192.168.1.10",
      standbys: [{ name: "far", port: 5433, dockerHost: "ssh://media@nas.local" }],
    };
    const raw = backed(complete);
    const primary = { ...(raw["primary"] as object), allowFrom: ["192.168.1.0/24"] };
    expect(said(complete, 17, { ...more, primary })).toEqual([
      "Backups read the primary: no standby is on its engine.",
    ]);
  });

  it("says nothing without backups", () => {
    expect(absences(parseConfig({ primary: backed({})["primary"] }, "f"))).toEqual([]);
  });
});
