/**
 * A catalog of translations as gettext reads it (a .mo file). Our image has all locales, but Debian's
 * slim base leaves out the catalogs, so a server there speaks English whatever lc_messages is.
 */
export function messageCatalog(translations: Record<string, string>): Buffer {
  const header = "Content-Type: text/plain; charset=UTF-8\n";
  const entries = Object.entries({ "": header, ...translations }).sort(([a], [b]) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  const texts = [...entries.map(([from]) => from), ...entries.map(([, to]) => to)].map((text) =>
    Buffer.from(text),
  );
  const tables = 28 + texts.length * 8;
  const head = Buffer.alloc(tables);
  [0x950412de, 0, entries.length, 28, 28 + entries.length * 8, 0, tables].forEach((field, i) =>
    head.writeUInt32LE(field, i * 4),
  );
  let at = tables;
  texts.forEach((text, i) => {
    head.writeUInt32LE(text.length, 28 + i * 8);
    head.writeUInt32LE(at, 32 + i * 8);
    at += text.length + 1;
  });
  return Buffer.concat([head, ...texts.flatMap((text) => [text, Buffer.from([0])])]);
}
