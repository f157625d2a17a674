/**
 * Words that different collations sort differently. glibc compares case and punctuation last, a Mac
 * sorts by code point, some systems sort by UTF-16 units, and languages have rules for single letters.
 * The words in ASCII come first.
 */
export const probeWords: readonly string[] = [
  ...["python-dev", "python3-dev", "A B", "AB", "a b", "foo", "Bar", "Zoom", "zoom", "_x", "-x"],
  ...["1a", "a1", "a", "B", "b", "C", "Z", "resume", "Resume", "RESUME", "co-op", "coop", "COOP"],
  ...["file", "file 2", "file-2", "file.2", "file_2", "file2", "file10", "File2", "2", "10", "(x)"],
  ...[
    "~",
    "{",
    "[",
    "@",
    "'a'",
    '"a"',
    "x y",
    "xy",
    "x-y",
    "x_y",
    "ch",
    "cz",
    "h",
    "aa",
    "ae",
    "ll",
  ],
  ...["lz", "dz", "v", "w", "i", "I", "timeline 1", "Timeline 1", "timeline-1", "TIMELINE"],
  ...[
    "Étude",
    "étude",
    "Etude",
    "etude",
    "e\u0301tude",
    "ß",
    "ss",
    "Ω",
    "日",
    "本",
    "résumé",
    "ö",
    "o",
  ],
  ...[
    "Öl",
    "oz",
    "æ",
    "Æ",
    "å",
    "ø",
    "ł",
    "ı",
    "İ",
    "ñ",
    "я",
    "Я",
    "а",
    "か",
    "カ",
    "é",
    "z\u00adz",
    "zz",
  ],
  // By UTF-16's units the emoji comes before the wide letter, by code points after it.
  ...["Ａ", "😀", "\u00a0x", "…x", "–x", "“x”"],
];

/** The words that every encoding can store. */
export const asciiWords = probeWords.slice(
  0,
  probeWords.findIndex((word) => !/^[ -~]+$/.test(word)),
);
