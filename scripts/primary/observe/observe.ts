import { pgBackRestPaths } from "../../../contract/pgBackRest";
import { visible } from "../../../contract/visible";
import { exitCodes } from "../exitCodes";
import { stepScript } from "../script";
import type { ApplicationRole, PrimarySettings } from "../settings";
import { type Observation, readObservation } from "./observation";
import type { ObservationPlace } from "./place";
import type * as Refusal from "./refusal";
import { runAt } from "./run";

const limit = 5000;

/**
 * Why the primary was not observed. `refused` lasts until the operator acts; a primary that is `away` wakes up by
 * itself.
 */
export type Unobserved = "refused" | "away" | "failed";

/** Gets a sentence about what preview could not look at, or would not notice. */
export type Warn = (sentence: string, why?: Unobserved) => void;

/** What is observed of a managed primary only. */
export interface ManagedObservation {
  /** The file that notes its superuser's verifier. */
  login: string;
  /** The roles that own its databases. Default: none. */
  applications?: readonly ApplicationRole[];
  /** Whether the stack has a monitor, and so a heartbeat. Default false. */
  health?: boolean;
  /** The parameters of `primary.settings`, in lower case. Default: none. */
  parameters?: readonly string[];
}

const notLooked = "so preview does not know what was changed there since the last up";

/**
 * What the primary has of this stack now, or undefined when it does not answer within 5 s.
 *
 * @param managed where Laterbase runs the primary
 * @param warn gets a sentence when the primary could not be observed. Before the first `up` there is nothing
 * that could observe it, and no sentence
 */
export async function observePrimary(
  place: ObservationPlace,
  settings: PrimarySettings,
  slots: string[],
  managed?: ManagedObservation,
  warn: Warn = () => undefined,
): Promise<Observation | undefined> {
  const more = managed ? { ...managed, managed: true, configuration: pgBackRestPaths.conf } : {};
  const script = stepScript("observe", settings, { slots, ...more });
  const where = settings.host.startsWith("/") ? "" : ` at ${settings.host}:${settings.port}`;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), limit);
  try {
    const said = await Promise.race([
      runAt(place, script, abort.signal),
      new Promise<never>((_, reject) =>
        abort.signal.addEventListener("abort", () => reject(new Error("no answer in time"))),
      ),
    ]);
    if (said.code === 0) return readObservation(said.stdout);
    const [sentence = ""] = said.stderr.split("\n");
    if (said.code === exitCodes.loginRefused) await explainRefusal(place, settings, sentence, warn);
    else {
      const away = said.code === exitCodes.unreachable || said.code === exitCodes.notReady;
      const why = visible(sentence) || `The primary${where} could not be observed`;
      warn(`${why.replace(/[.\s]*$/, "")}, ${notLooked}.`, away ? "away" : "failed");
    }
    return undefined;
  } catch (error) {
    // The container or the machine is away: the last known state counts.
    const { statusCode, message } = error as Error & { statusCode?: number };
    if (statusCode === 404) return undefined;
    const stopped = statusCode === 409 && place.kind === "container";
    const because = stopped
      ? `the container ${place.container} is not running`
      : visible(message.trim());
    const why = abort.signal.aborted
      ? `The primary${where} did not answer within ${limit / 1000} s`
      : `The primary${where} could not be observed (${because})`;
    warn(`${why}, ${notLooked}.`, "away");
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** A server that answers and lets nobody in says why by a code, whatever its language. */
async function explainRefusal(
  place: ObservationPlace,
  settings: PrimarySettings,
  sentence: string,
  warn: Warn,
): Promise<void> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late: nearly no preview needs it
  const { refusalCode } = require("./refusal") as typeof Refusal;
  const code = await refusalCode(place, settings).catch(() => undefined);
  const { host, port, superuser, database } = settings;
  const who = `The primary at ${host}:${port}`;
  switch (code) {
    case "28P01":
      return warn(
        `${who} refuses the password of "${visible(superuser)}". If it was changed there, set laterbase:primary.superuser.password to the new one.`,
        "refused",
      );
    case "28000":
      return warn(`${visible(sentence)} (28000)`, "refused");
    case "3D000":
      return warn(`${who} has no database "${database}", ${notLooked}.`, "failed");
    case "53300":
      return warn(`${who} has no free connection, ${notLooked}.`, "away");
    case undefined:
      return warn(
        `${visible(sentence)} If its password was changed, set laterbase:primary.superuser.password to the new one.`,
        "refused",
      );
    default:
      return warn(
        `${who} lets "${visible(superuser)}" in no more (${code}), ${notLooked}.`,
        "failed",
      );
  }
}
