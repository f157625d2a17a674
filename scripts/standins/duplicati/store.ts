import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { History, Job, LogRow } from "./shapes";

interface Content {
  lastId: number;
  jobs: Job[];
  histories: Record<string, History>;
}

interface Sealed {
  salt: string;
  iv: string;
  tag: string;
  data: string;
}

const keptRows = 100;

/**
 * The server's database: one JSON file in /data. With a settings key it is encrypted by AES-256-GCM, and
 * from then on it cannot be opened without the key.
 */
export class Store {
  readonly content: Content;

  /** @throws Error with a sentence when the key is missing or wrong */
  constructor(
    readonly file: string,
    private readonly key: string | undefined,
  ) {
    this.content = existsSync(file)
      ? (JSON.parse(this.open(readFileSync(file, "utf8"))) as Content)
      : { lastId: 0, jobs: [], histories: {} };
    this.save();
  }

  save(): void {
    const text = JSON.stringify(this.content);
    mkdirSync(dirname(this.file), { recursive: true });
    writeFileSync(`${this.file}.new`, this.key ? JSON.stringify(this.seal(text)) : text, {
      mode: 0o600,
    });
    renameSync(`${this.file}.new`, this.file);
  }

  job(id: string): Job | undefined {
    return this.content.jobs.find(({ ID }) => ID === id);
  }

  history({ DBPath }: Pick<Job, "DBPath">): History {
    return (this.content.histories[DBPath] ??= { files: {}, log: [] });
  }

  addRow(job: Job, row: Omit<LogRow, "ID" | "OperationID">): void {
    const { log } = this.history(job);
    const ID = (log.at(-1)?.ID ?? 0) + 1;
    log.push({ ID, OperationID: ID, ...row });
    log.splice(0, log.length - keptRows);
  }

  private seal(text: string): Sealed {
    const [salt, iv] = [randomBytes(16), randomBytes(12)];
    const cipher = createCipheriv("aes-256-gcm", this.keyFor(salt), iv);
    const data = Buffer.concat([cipher.update(text), cipher.final()]);
    const hex = (bytes: Buffer) => bytes.toString("base64");
    return { salt: hex(salt), iv: hex(iv), tag: hex(cipher.getAuthTag()), data: hex(data) };
  }

  private open(text: string): string {
    const sealed = JSON.parse(text) as Partial<Sealed>;
    if (sealed.data === undefined) return text;
    if (!this.key) {
      throw new Error(
        "The database is encrypted, but SETTINGS_ENCRYPTION_KEY is not set: set it to the key that was used before.",
      );
    }
    const part = (name: keyof Sealed) => Buffer.from(sealed[name] ?? "", "base64");
    try {
      const decipher = createDecipheriv("aes-256-gcm", this.keyFor(part("salt")), part("iv"));
      decipher.setAuthTag(part("tag"));
      return decipher.update(part("data"), undefined, "utf8") + decipher.final("utf8");
    } catch {
      throw new Error(
        "SETTINGS_ENCRYPTION_KEY is not the key that the database was encrypted with.",
      );
    }
  }

  private keyFor(salt: Buffer): Buffer {
    return scryptSync(this.key ?? "", salt, 32);
  }
}
