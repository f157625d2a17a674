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

/**
 * What `up` will refuse of `primary.settings`, for a preview: a sentence for each setting, without its full stop.
 * PostgreSQL reads them in a container that is gone afterwards. Empty where there is no image yet that could: `up`
 * builds it, and asks it before a server starts.
 *
 * @param image the PostgreSQL image that the servers get
 */
export async function refusedSettings(
  { dockerHost, primary }: StackConfig,
  { project, stack }: { project: string; stack: string },
  image: string,
): Promise<string[]> {
  const { kind, version, settings } = primary;
  if (kind !== "managed" || !settings) return [];
  const engine = await answering(dockerHost);
  if (!engine) return [];
  const { inspectImage, settingsRefused } = late();
  const host = dockerHost ?? "";
  const read = (name: string, hasLibraries: boolean) =>
    settingsRefused({ host, image: name, major: version, settings, hasLibraries });
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
