import type * as Images from "../../engine/images";
import type * as Reading from "../readSettings";
import { containerName, stackPrefix } from "../../../contract/names";
import type { Parameters } from "../../../contract/serverSettings";
import { answering } from "./answering";

/** The part of a stack's configuration that says what settings its servers get. */
interface StackConfig {
  dockerHost?: string | undefined;
  primary: { kind: string; version: number; settings?: Parameters | undefined };
}

/** Milliseconds that a preview waits for PostgreSQL's answer. */
const patienceMs = 10_000;

/**
 * What a preview says of `primary.settings`: a warning for each setting that `up` will refuse. It never fails: what it
 * could not ask, `up` asks before a server starts.
 *
 * @param image the PostgreSQL image that the servers get
 */
export async function settingsWarnings(
  config: StackConfig,
  place: { project: string; stack: string; file: string },
  image: string,
): Promise<string[]> {
  const { kind, settings } = config.primary;
  if (kind !== "managed" || !settings) return [];
  let clear: () => Promise<unknown> = () => Promise.resolve();
  const asked = refusedSettings(config, place, image, (remove) => (clear = remove)).catch(
    () => undefined,
  );
  const limit = new Promise<undefined>((resolve) => {
    setTimeout(resolve, patienceMs, undefined).unref();
  });
  const refused = await Promise.race([asked, limit]);
  if (refused)
    return refused.map((one) => `${one} (set in ${place.file}). So 'up' will refuse this.`);
  await Promise.race([clear(), limit]);
  return [
    "PostgreSQL could not be asked about laterbase:primary.settings. So 'up' asks it before it stops a server.",
  ];
}

/**
 * A sentence for each setting that PostgreSQL refuses, without its full stop. It reads them in a container that is gone
 * afterwards. Empty where there is no image yet that could.
 */
async function refusedSettings(
  { dockerHost, primary }: StackConfig,
  { project, stack }: { project: string; stack: string },
  image: string,
  began: (clear: () => Promise<unknown>) => void,
): Promise<string[]> {
  const { version, settings = {} } = primary;
  const engine = await answering(dockerHost);
  if (!engine) return [];
  const { inspectImage, settingsRefused } = late();
  const host = dockerHost ?? "";
  const read = (name: string, hasLibraries: boolean) =>
    settingsRefused({ host, image: name, major: version, settings, hasLibraries }, began);
  if (await inspectImage(engine, image)) return read(image, true);
  const container = engine.getContainer(containerName(stackPrefix(project, stack), "primary"));
  const now = await container.inspect().then(
    ({ Image }) => inspectImage(engine, Image),
    () => undefined,
  );
  // Another major reads settings in another way.
  const same = Number(now?.Config.Labels?.["laterbase.postgres.major"]) === version;
  return now && same ? read(now.Id, false) : [];
}

/* eslint-disable @typescript-eslint/no-require-imports -- loaded late, in CommonJS: every preview reads this file */
function late() {
  const { inspectImage } = require("../../engine/images") as typeof Images;
  const { settingsRefused } = require("../readSettings") as typeof Reading;
  return { inspectImage, settingsRefused };
}
/* eslint-enable @typescript-eslint/no-require-imports */
