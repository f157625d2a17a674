import { checkName, derivedName } from "../../../scripts/agent/restore/names";

const at = new Date("2026-11-21T14:25:30.123Z");

describe("the name of a restored database", () => {
  it.each([
    ["app", "app_restored_20261121_142530"],
    ['My Library "2024" é', 'My Library "2024" é_restored_20261121_142530'],
  ])("of %s is made of it and the time", (database, expected) => {
    expect(derivedName(database, "restored", at)).toBe(expected);
  });

  it("fits into what PostgreSQL keeps, and no letter is cut", () => {
    for (const database of ["x".repeat(63), "é".repeat(31), "🎬".repeat(15)]) {
      const name = derivedName(database, "before_restore", at);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
      expect(name).toMatch(/_before_restore_20261121_142530$/);
      expect(name).not.toContain("\ufffd");
    }
  });
});

describe("a name that an operator gives", () => {
  it("may be anything that PostgreSQL keeps whole", () => {
    for (const name of ["a", " ", "Ä b'\"\\%", "x".repeat(63)]) expect(checkName(name)).toBe(name);
  });

  it.each([
    ["", /empty/],
    ["x".repeat(64), /has 64 bytes and PostgreSQL keeps 63/],
    ["é".repeat(32), /has 64 bytes/],
    ["a\0b", /zero byte/],
  ])("is refused in one sentence when it is %j", (name, said) => {
    expect(() => checkName(name)).toThrow(said);
  });
});
