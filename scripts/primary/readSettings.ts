import { type Parameters, renderParameters } from "../../contract/serverSettings";
import { type StepPlace, runStep } from "../engine/stepContainer";

/** What a server would say of settings, asked before one has to start with them. */
interface SettingsLook {
  /** The engine; empty is the local one. */
  host: string;
  /** An image with PostgreSQL of the major. */
  image: string;
  major: number;
  settings: Parameters;
  /** Whether the image has every library that the new server has. */
  hasLibraries: boolean;
}

/**
 * A sentence for each setting that PostgreSQL refuses. PostgreSQL itself reads each one, in a container without
 * network that is gone afterwards; its exit code decides, and its words are for people. `began` gets a function that
 * removes it earlier.
 */
export async function settingsRefused(
  look: SettingsLook,
  began?: (clear: () => Promise<unknown>) => void,
): Promise<string[]> {
  const { host, image, major, settings, hasLibraries } = look;
  const names = Object.keys(settings);
  if (names.length === 0) return [];
  const place: StepPlace = { host, image, network: "none" };
  const { code, stdout, stderr } = await runStep(place, readingScript(settings), "look", began);
  if (code !== 0) throw new Error(stderr.trim().split("\n").at(-1) || `exit code ${code}`);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => {
      const [kind, index = "", words = ""] = line.split(" ");
      const key = `laterbase:primary.settings.${names[Number(index)]}`;
      const said = Buffer.from(words, "base64").toString("utf8");
      if (kind === "refused")
        return [`${key} is refused by PostgreSQL ${major}: ${reasonIn(said)}`];
      return hasLibraries
        ? [`${key} must name libraries that the image has; it lacks ${said}`]
        : [];
    });
}

/** PostgreSQL's own reason: the first line that has one. */
export function reasonIn(said: string): string {
  const found = said.split("\n").flatMap((line) => /(?:LOG|ERROR|FATAL): +(.+)$/.exec(line) ?? []);
  return (found[1] ?? "it gives no reason").replace(/ in file "[^"]*" line \d+$/, "");
}

/** Tries each setting alone, and whether the libraries that one names are there. */
export function readingScript(settings: Parameters): string {
  const files = Object.entries(settings).map(([name, value], i) => {
    const text = Buffer.from(renderParameters({ [name]: value })).toString("base64");
    const [, loaded = ""] = /^(shared|session|local)_preload_libraries$/i.exec(name) ?? [];
    const names = loaded === "" ? [] : librariesIn(value, loaded.toLowerCase() === "local");
    const libraries = names.map((one) => `library ${i} ${Buffer.from(one).toString("base64")}\n`);
    return `try ${i} ${text}\n${libraries.join("")}`;
  });
  return `set -u
export LC_ALL=C
mkdir -p /tmp/look && cd /tmp/look && : >postgresql.auto.conf || exit 1
try() {
  local said
  base64 -d <<<"$2" >"$1.conf" || exit 1
  said=$(postgres -D /tmp/look -c config_file="/tmp/look/$1.conf" -C port 2>&1) ||
    printf 'refused %s %s\\n' "$1" "$(base64 -w 0 <<<"$said")"
}
library() {
  local name=$(base64 -d <<<"$2")
  [[ -e /usr/lib/postgresql/$PG_MAJOR/lib/\${name%.so}.so ]] || printf 'library %s %s\\n' "$1" "$2"
}
${files.join("")}exit 0
`;
}

/**
 * The libraries of a list, as PostgreSQL reads it, without those of another place than its own.
 *
 * @param isLocal whether it is `local_preload_libraries`, which are in a folder of their own. Each login fails without one
 */
const librariesIn = (list: string, isLocal: boolean): string[] =>
  list
    .split(",")
    .map((one) =>
      one
        .trim()
        .replace(/^"(.*)"$/, "$1")
        .replace(/^\$libdir\//, "")
        .replace(/^plugins\//, isLocal ? "" : "$&"),
    )
    .filter((one) => one !== "" && !one.includes("/"))
    .map((one) => (isLocal ? `plugins/${one}` : one));
