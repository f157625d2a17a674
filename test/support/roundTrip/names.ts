import fc from "fast-check";

/** Names that break a program which quotes, splits or cuts wrongly. */
const ODD = [
  ...['say "x"', "it's", "a;b", "back\\slash", "$body$", "$1", "--", "/*x*/", "%s %I", "{a,b}"],
  ...["line\nbreak", "carriage\rreturn", "tab\tbed", " leading", "trailing ", "dot.ted", "a,b"],
  ...["Straße", "ÅNGSTRÖM", "日本語", "emoji 🐘", "e\u0301", "\u200bhidden", "عربى", "ﬁ"],
  ...["UPPER", "MixedCase", "user", "select", "table", "public", "order", "all", "none", "PUBLIC"],
  ...["\\connect x", "\\.", "'; DROP TABLE x; --", "pg_temp", "pgx", "NULL", "true", "0", "1e5"],
  ...["x".repeat(63), "ü".repeat(31), "'\"".repeat(31), "laterbase", "current_user", "a=b", "#"],
] as const;

const plain = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/);

/** A name of an object, not quoted. Half of them are plain, so that a failure shrinks to a plain one. */
export const oddName: fc.Arbitrary<string> = fc.oneof(plain, fc.constantFrom(...ODD));

/** A text of a comment, a label or a value. */
export const oddText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...ODD, "", "\\N", "\\x00", "a\\b\\\\c", 'tab\t"q"', "first\r\nsecond\n"),
  fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => text.replaceAll("\0", "")),
);

/** A number that picks one of what is there. */
export const pick: fc.Arbitrary<number> = fc.nat({ max: 1000 });
