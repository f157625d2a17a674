/** Reads the bytes of an archive's texts. */
export type Decoder = InstanceType<typeof TextDecoder>;

/** The names of PostgreSQL's encodings that the web names otherwise. */
const LABELS: [RegExp, string][] = [
  [/^UTF8$|^SQL_ASCII$/, "utf-8"],
  [/^LATIN([1-4])$/, "iso-8859-$1"],
  [/^LATIN5$/, "iso-8859-9"],
  [/^LATIN6$/, "iso-8859-10"],
  [/^LATIN7$/, "iso-8859-13"],
  [/^LATIN8$/, "iso-8859-14"],
  [/^LATIN9$/, "iso-8859-15"],
  [/^LATIN10$/, "iso-8859-16"],
  [/^EUC_CN$/, "gbk"],
  [/^ISO_8859_(\d)$/, "iso-8859-$1"],
  [/^WIN(\d+)$/, "windows-$1"],
  [/^KOI8(R|U)$/, "koi8-$1"],
];

/** An encoding that Node does not know: only names in ASCII are read right then. */
export function decoderOf(encoding = "UTF8"): Decoder {
  const [from, to] = LABELS.find(([pattern]) => pattern.test(encoding)) ?? [/_/g, "-"];
  try {
    return new TextDecoder(encoding.replace(from, to).toLowerCase());
  } catch {
    return new TextDecoder();
  }
}
