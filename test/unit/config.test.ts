import * as pulumi from "@pulumi/pulumi";
import { badConfigs, badDumps, e, external, managed, ssh, standbys } from "../support/badConfigs";
import { badApplications } from "../support/badApplications";
import { badBackups } from "../support/badBackups";
import { badConnections } from "../support/badConnections";
import { ConfigError, namedFile, parseConfig, readRaw } from "../../components/config";

const errors = (raw: unknown): readonly string[] => {
  try {
    parseConfig(raw, "Pulumi.test.yaml");
  } catch (error) {
    if (error instanceof ConfigError) return error.sentences;
    throw error;
  }
  return [];
};

describe("parseConfig", () => {
  it("fills in the defaults of a managed primary", () => {
    expect(parseConfig({ primary: managed, standbys }, "f")).toEqual({
      timeZone: "Etc/UTC",
      bindAddress: "127.0.0.1",
      primary: { ...managed, allowFrom: [], slotRetention: "10GB" },
      standbys,
    });
  });

  it("fills in the defaults of dumps and Duplicati", () => {
    const duplicati = { port: 8200, target: "file:///archive" };
    const config = parseConfig({ primary: managed, standbys, dumps: {}, duplicati }, "f");
    expect(config.dumps).toEqual({
      schedule: { text: "@hourly", fields: ["0", "*", "*", "*", "*"] },
      retentionDays: 7,
      retentionCount: 3,
      source: "standby",
      plain: false,
      timeout: "50m",
      minFree: "10%",
      databases: "*",
    });
    expect(config.duplicati).toMatchObject({
      port: 8200,
      schedule: { text: "0 3 * * *", fields: ["0", "3", "*", "*", "*"] },
      retention: "1W:1D,4W:1W,12M:1M",
      target: { folder: "/archive" },
    });
  });

  it("fills in the defaults of an external primary and makes its password a secret", async () => {
    const { primary } = parseConfig({ primary: external, standbys }, "f");
    if (primary.kind !== "external") throw new Error("not external");
    const { superuser, ...rest } = primary;
    expect(rest).toEqual({
      kind: "external",
      host: "192.168.1.20",
      port: 5432,
      version: 13,
      databases: ["ResolveProjects"],
      access: { kind: "sql" },
      allowFrom: ["192.168.1.0/24"],
      slotRetention: "10GB",
      tablespaces: {},
    });
    expect(superuser.name).toBe("postgres");
    expect(await pulumi.isSecret(superuser.password!)).toBe(true);
  });

  it("takes access by ssh with sudo without a password", () => {
    const primary = { ...external, superuser: {}, access: { ...ssh, sudo: true } };
    expect(errors({ primary, standbys })).toEqual([]);
  });

  it("keeps the keys of ssh in the file when access goes back to sql, and uses none", () => {
    const access = { ...ssh, kind: "sql" };
    const { primary } = parseConfig({ primary: { ...external, access }, standbys }, "f");
    expect(primary).toMatchObject({ access: { kind: "sql" } });
    expect(Object.keys((primary as { access: object }).access)).toEqual(["kind"]);
    expect(errors(e({ access: { ...access, usr: "admin" } }))).toEqual([
      expect.stringContaining("laterbase:primary.access.usr is unknown"),
    ]);
  });

  const file = "Pulumi.test.yaml";
  const cases = [
    ...badConfigs(file),
    ...badDumps(file),
    ...badConnections(file),
    ...badApplications(file),
    ...badBackups(file),
  ];
  it.each(cases)("refuses %s in one sentence", (_what, raw, expected) => {
    expect(errors(raw)).toEqual(expected);
  });

  it("names every mistake at once", () => {
    expect(errors({ primary: { ...managed, version: 12, port: 0 }, standbys })).toHaveLength(2);
  });

  it.each(["superuser", "access"])("never repeats a secret (%s)", (key) => {
    const wrong = { superuser: { password: 12345678 }, access: { ...ssh, privateKey: 12345678 } };
    const text = errors(e({ [key]: wrong[key as "access"] })).join();
    expect(text).toContain("must be a text");
    expect(text).not.toContain("12345678");
  });
});

describe("readRaw", () => {
  it("takes one namespace and reads objects and lists", () => {
    const all = { "laterbase:a": '{"b":[1]}', "laterbase:c": "text", "other:d": "1" };
    expect(readRaw(all, "f")).toEqual({ a: { b: [1] }, c: "text" });
  });

  it("refuses each key whose namespace is ours misspelt, and no other namespace", () => {
    const all = {
      "latebase:dumps": "{}",
      "laterbase:a": "1",
      "Laterbase:b": "2",
      "database:c": "",
    };
    expect(() => readRaw({ ...all, "docker:host": "x" }, "Pulumi.test.yaml")).toThrow(
      new ConfigError([
        "latebase:dumps is unknown (did you mean laterbase:dumps?) (set in Pulumi.test.yaml).",
        "Laterbase:b is unknown (did you mean laterbase:b?) (set in Pulumi.test.yaml).",
      ]),
    );
  });
});

it("names a misspelt key before what is missing because of it", () => {
  const raw = { primary: managed, standbys: [{ name: "standby", prot: 5433 }] };
  expect(() => parseConfig(raw, "Pulumi.test.yaml")).toThrow(
    /^laterbase:standbys\[0\]\.prot is unknown \(did you mean port\?\); the known keys are .*\nlaterbase:standbys\[0\]\.port must be /,
  );
});

it("names the file of dev as set-up does, and every other file by itself", () => {
  const own = "Pulumi.dev.yaml, or by 'npm run pulumi -- config set'";
  expect(namedFile("/home/me/.local/share/laterbase/Pulumi.dev.yaml", own)).toBe(own);
  expect(namedFile("Pulumi.prod.yaml", own)).toBe("Pulumi.prod.yaml");
  expect(namedFile("Pulumi.dev.yaml", undefined)).toBe("Pulumi.dev.yaml");
});
