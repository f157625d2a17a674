import { execa } from "execa";

/** What a source of known holes says of the dependencies. */
export interface Audit {
  /** Whether a source answered. Without an answer nobody knows. */
  answered: boolean;
  /** One line for each hole: the package, how bad it is, what it is. */
  holes: string[];
}

interface Via {
  title: string;
  url: string;
  severity: string;
}

/** Reads what `npm audit --json` prints. */
export function readAudit(text: string): Audit {
  let said: { vulnerabilities?: Record<string, { via: (Via | string)[] }> };
  try {
    said = JSON.parse(text) as typeof said;
  } catch {
    return { answered: false, holes: [] };
  }
  if (!said.vulnerabilities) return { answered: false, holes: [] };
  const holes = Object.entries(said.vulnerabilities).flatMap(([name, { via }]) =>
    // A word is another package, which has an entry of its own.
    via.flatMap((one) =>
      typeof one === "string" ? [] : [`${name}: ${one.title} (${one.severity}, ${one.url})`],
    ),
  );
  return { answered: true, holes: [...new Set(holes)].sort() };
}

/** Asks npm's registry for the known holes of every package in package-lock.json. */
export async function audit(folder: string): Promise<Audit> {
  // Without these flags npm tries for minutes where no registry answers.
  const words = ["audit", "--json", "--fetch-retries", "0", "--fetch-timeout", "15000"];
  const { stdout } = await execa("npm", words, { cwd: folder, reject: false });
  return readAudit(stdout);
}
