import fc from "fast-check";
import {
  asIso,
  asTarget,
  inBoth,
  inUtc,
  inZone,
  type Micros,
  readIn,
  readTime,
} from "../../../contract/pgTime";

const meaning = (text: string, zone: string) => {
  const written = readTime(text);
  if (!written) return undefined;
  const reading = readIn(zone, written);
  return reading.kind === "once"
    ? inUtc(reading.moment)
    : [reading.kind, ...reading.moments.map(inUtc)];
};

describe("a time", () => {
  it.each([
    ["2026-11-29 12:00", "Etc/UTC", "2026-11-29 12:00:00 UTC"],
    ["2026-11-29T12:00:01.5", "Europe/Berlin", "2026-11-29 11:00:01.5 UTC"],
    ["2026-06-29 12:00:00.000001", "Europe/Berlin", "2026-06-29 10:00:00.000001 UTC"],
    ["2026-11-29 12:00:00Z", "America/New_York", "2026-11-29 12:00:00 UTC"],
    ["2026-11-29 12:00:00 UTC", "America/New_York", "2026-11-29 12:00:00 UTC"],
    ["2026-11-29 12:00:00+00", "America/New_York", "2026-11-29 12:00:00 UTC"],
    ["2026-11-29 12:00:00.123456+05:45", "Etc/UTC", "2026-11-29 06:15:00.123456 UTC"],
    [" 2026-11-29 12:00:00 -0330 ", "Etc/UTC", "2026-11-29 15:30:00 UTC"],
    ["1969-12-31 23:59:59.999999Z", "Etc/UTC", "1969-12-31 23:59:59.999999 UTC"],
  ])("%s in %s is %s", (text, zone, utc) => {
    expect(meaning(text, zone)).toBe(utc);
  });

  it.each([
    ["yesterday"],
    ["2026-11-29"],
    ["12:00"],
    ["2026-02-30 12:00"],
    ["2026-11-29 24:00"],
    ["2026-11-29 12:60"],
    ["2026-11-29 12:00:60"],
    ["2026-11-29 12:00:00.1234567"],
    ["2026-11-29 12:00:00+16:00"],
    ["2026-11-29 12:00:00+01:60"],
    ["2026-11-29 12:00 CET"],
    ["2026-11-29 12:00:00+00; rm -rf /"],
    ["1795953600"],
    [""],
  ])("%j is none", (text) => {
    expect(readTime(text)).toBeUndefined();
  });
});

describe("a change of the clocks", () => {
  it.each([
    // London goes back at 01:00 UTC, and forward at 01:00 UTC.
    ["2026-10-25 00:59:59.999999", "2026-10-24 23:59:59.999999 UTC"],
    ["2026-10-25 01:00", ["twice", "2026-10-25 00:00:00 UTC", "2026-10-25 01:00:00 UTC"]],
    ["2026-10-25 01:59:59", ["twice", "2026-10-25 00:59:59 UTC", "2026-10-25 01:59:59 UTC"]],
    ["2026-10-25 02:00", "2026-10-25 02:00:00 UTC"],
    ["2026-10-25 01:30+01:00", "2026-10-25 00:30:00 UTC"],
    ["2026-03-29 00:59:59", "2026-03-29 00:59:59 UTC"],
    ["2026-03-29 01:30", ["never", "2026-03-29 00:30:00 UTC", "2026-03-29 01:30:00 UTC"]],
    ["2026-03-29 02:00", "2026-03-29 01:00:00 UTC"],
  ])("%s in London is %j", (text, expected) => {
    expect(meaning(text, "Europe/London")).toEqual(expected);
  });

  it("may be of half an hour, or of a day", () => {
    expect(meaning("2026-10-04 02:15", "Australia/Lord_Howe")).toEqual([
      ...["never", "2026-10-03 15:15:00 UTC", "2026-10-03 15:45:00 UTC"],
    ]);
    expect(meaning("2011-12-30 12:00", "Pacific/Apia")).toEqual([
      ...["never", "2011-12-29 22:00:00 UTC", "2011-12-30 22:00:00 UTC"],
    ]);
  });
});

describe("text of a moment", () => {
  const moment = Date.UTC(2026, 9, 25, 0, 30) * 1000 + 120_000;

  it("names its zone", () => {
    expect(inZone(moment, "Europe/London")).toBe("2026-10-25 01:30:00.12+01:00");
    expect(inZone(moment, "America/St_Johns")).toBe("2026-10-24 22:00:00.12-02:30");
    expect(inBoth(moment, "Europe/London")).toBe(
      "2026-10-25 01:30:00.12+01:00 (2026-10-25 00:30:00.12 UTC)",
    );
    expect(inBoth(moment, "Etc/UTC")).toBe("2026-10-25 00:30:00.12 UTC");
    expect(asTarget(moment)).toBe("2026-10-25 00:30:00.12+00");
    expect(asIso(moment)).toBe("2026-10-25T00:30:00.12Z");
  });

  it("is read back as the same microsecond, in every zone", () => {
    const last = Date.UTC(2099, 11, 31) * 1000;
    const zones = fc.constantFrom("Etc/UTC", "Europe/London", "America/St_Johns", "Asia/Kathmandu");
    const back = (text: string, zone: string): Micros | undefined => {
      const written = readTime(text);
      const reading = written && readIn(zone, written);
      return reading?.kind === "once" ? reading.moment : undefined;
    };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: last }), zones, (at, zone) => {
        expect(back(inZone(at, zone), "Etc/UTC")).toBe(at);
        expect(back(inUtc(at), zone)).toBe(at);
        expect(back(asTarget(at), zone)).toBe(at);
        expect(back(asIso(at), zone)).toBe(at);
        // Without its zone, the text means this moment or is one of two.
        const written = readTime(inZone(at, zone).slice(0, -6));
        const reading = written && readIn(zone, written);
        expect(reading?.kind === "once" ? [reading.moment] : reading?.moments).toContain(at);
      }),
    );
  });
});
