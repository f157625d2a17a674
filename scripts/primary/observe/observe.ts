import { visible } from "../../../contract/visible";
import { exitCodes } from "../exitCodes";
import { stepScript } from "../script";
import type { PrimarySettings } from "../settings";
import type { Observation } from "./observation";
import type { ObservationPlace } from "./place";
import { runAt } from "./run";

const limit = 5000;

/**
 * What the primary has of this stack now, or undefined when it does not answer within 5 s.
 *
 * @param login the file of a managed primary that notes its superuser's verifier
 * @param warn gets a sentence when the primary refuses the login. A refusal lasts until the operator
 * acts; a primary that sleeps wakes up by itself
 */
export async function observePrimary(
  place: ObservationPlace,
  settings: PrimarySettings,
  slots: string[],
  login?: string,
  warn: (sentence: string) => void = () => undefined,
): Promise<Observation | undefined> {
  const script = stepScript("observe", settings, { slots, ...(login ? { login } : {}) });
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), limit);
  try {
    const said = await Promise.race([
      runAt(place, script, abort.signal),
      new Promise<never>((_, reject) =>
        abort.signal.addEventListener("abort", () => reject(new Error("no answer in time"))),
      ),
    ]);
    if (said.code === 0) return JSON.parse(said.stdout) as Observation;
    if (said.code === exitCodes.loginRefused) {
      const [sentence] = said.stderr.split("\n");
      warn(
        `${visible(sentence ?? "")} If its password was changed, set laterbase:primary.superuser.password to the new one.`,
      );
    }
    return undefined;
  } catch {
    // The container or the machine is away: the last known state counts.
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
