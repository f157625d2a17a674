/** A section of the file and its entries, in the order of the file. */
export interface Section {
  name: string;
  /** The quoted text after the name; "" if there is none. */
  sub: string;
  /** A key without `=` has an undefined value. */
  entries: { key: string; value: string | undefined }[];
}

/**
 * Reads an INI file by the rules of gcfg: sections `[name]` and `[name "sub"]`; comments from an
 * unquoted `;` or `#` to the end of the line; values with quoted parts, escapes, and a backslash that
 * continues the line. The first error ends the reading.
 *
 * @throws Error with file, line and column
 */
export function parseIni(text: string, file: string): Section[] {
  return new Reader(text.replace(/^\uFEFF/, ""), file).sections();
}

class Reader {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly file: string,
  ) {}

  sections(): Section[] {
    const sections: Section[] = [];
    for (;;) {
      this.skipBlank();
      const char = this.text[this.at];
      if (char === undefined) return sections;
      if (char === "\n") this.at++;
      else if (char === "[") sections.push(this.header());
      else if (/\p{L}/u.test(char)) {
        const section = sections.at(-1);
        if (!section) throw this.fault("expected section header");
        section.entries.push(this.entry());
      } else throw this.fault(`illegal character ${JSON.stringify(char)}`);
    }
  }

  private header(): Section {
    this.at++;
    this.skipBlank();
    const name = this.identifier();
    if (name === "") throw this.fault("expected section name");
    this.skipBlank();
    let sub = "";
    if (this.text[this.at] === '"') {
      sub = this.quoted();
      if (sub === "") throw this.fault("empty subsection name");
      this.skipBlank();
    }
    if (this.text[this.at] !== "]")
      throw this.fault(`expected ${sub ? "" : "subsection name or "}right bracket`);
    this.at++;
    this.endOfLine();
    return { name, sub, entries: [] };
  }

  private entry(): Section["entries"][number] {
    const key = this.identifier();
    this.skipBlank();
    const next = this.text[this.at];
    if (next === undefined || next === "\n") return { key, value: undefined };
    if (next !== "=") throw this.fault("expected '='");
    this.at++;
    this.skipBlank({ comments: false });
    const value = this.value();
    this.endOfLine();
    return { key, value };
  }

  /** The text up to the end of the line or a comment, without trailing white space. */
  private value(): string {
    let value = "";
    let kept = 0;
    let quoted = false;
    for (; ; this.at++) {
      const char = this.text[this.at];
      if (!quoted && (char === undefined || "\n;#".includes(char))) return value.slice(0, kept);
      if (char === undefined || (quoted && char === "\n"))
        throw this.fault("string not terminated");
      if (char === '"') quoted = !quoted;
      else if (char === "\\") value += this.escaped(quoted);
      else if (char !== "\r") value += char;
      if (quoted || !/[ \t\r]/.test(char)) kept = value.length;
    }
  }

  private escaped(quoted: boolean): string {
    if (!quoted && this.text[this.at + 1] === "\r") this.at++;
    const next = this.text[++this.at] ?? "";
    const known: Record<string, string> = quoted
      ? { "\\": "\\", '"': '"', n: "\n", t: "\t" }
      : { "\n": "", '"': '"' };
    const meant = known[next];
    if (meant !== undefined) return meant;
    throw this.fault(
      quoted
        ? "unknown escape sequence"
        : "unquoted '\\' must be followed by new line or double quote",
    );
  }

  private quoted(): string {
    let text = "";
    for (this.at++; this.text[this.at] !== '"'; this.at++) {
      const char = this.text[this.at];
      if (char === undefined || char === "\n") throw this.fault("string not terminated");
      if (char !== "\\") text += char;
      else if (/["\\]/.test(this.text[++this.at] ?? "")) text += this.text[this.at];
      else throw this.fault("unknown escape sequence");
    }
    this.at++;
    return text;
  }

  private identifier(): string {
    const [found = ""] = /^\p{L}[\p{L}\p{Nd}-]*/u.exec(this.text.slice(this.at)) ?? [];
    this.at += found.length;
    return found;
  }

  private endOfLine(): void {
    this.skipBlank();
    const next = this.text[this.at];
    if (next !== undefined && next !== "\n") throw this.fault("expected EOL, EOF, or comment");
  }

  private skipBlank({ comments = true } = {}): void {
    while (/[ \t\r]/.test(this.text[this.at] ?? "")) this.at++;
    if (!comments || !/[;#]/.test(this.text[this.at] ?? "")) return;
    const end = this.text.indexOf("\n", this.at);
    this.at = end < 0 ? this.text.length : end;
  }

  private fault(message: string): Error {
    const before = this.text.slice(0, this.at).split("\n");
    return new Error(
      `${this.file}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}: ${message}`,
    );
  }
}
