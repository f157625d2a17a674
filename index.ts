import * as pulumi from "@pulumi/pulumi";
import { ConfigError, namedFile, parseConfig, readRaw } from "./components/config";
import { readInitScripts } from "./components/initScripts";
import { imageName } from "./components/kit/image";
import { components } from "./components/late";
import { absences } from "./components/pgBackRest/absences";
import { ownersOf } from "./components/primary/owners";
import type { DeclaredOutputs } from "./components/stack/outputs";
import { plainSecrets } from "./components/stack/plainSecrets";
import { makeStackContexts, stackImages } from "./images/build/stack";
import { emptyPrimary } from "./scripts/primary/observe/emptyPrimary";
import { serviceDrift } from "./scripts/primary/observe/serviceDrift";
import { settingsWarnings } from "./scripts/primary/observe/settingsWarnings";
import type { Unobserved } from "./scripts/primary/observe/observe";
import { reportPrimary } from "./scripts/primary/observe/report";
import { observedDrift } from "./scripts/primary/observe/stackDrift";
import { pushedImages } from "./scripts/registry/pushedImages";
import { nameOfDevFile, stackFileKeys } from "./scripts/setup/stackFileKeys";
import { patchPulumi } from "./scripts/patches/pulumiPatches";

patchPulumi(pulumi.log);

/** Comes after the sentence that says which. */
const unknownImages =
  "So this preview leaves these images as the stack has them, and 'up' asks again.";

export = async (): Promise<DeclaredOutputs> => {
  const project = pulumi.getProject();
  const stack = pulumi.getStack();
  const file = `Pulumi.${stack}.yaml`;
  const named = namedFile(file, nameOfDevFile());
  const raw = readRaw(pulumi.runtime.allConfig(), named);
  const config = parseConfig(raw, named);
  const warn = (sentence: string, why?: Unobserved) => {
    void pulumi.log.warn(sentence);
    if (why) reportPrimary({ why, sentence });
  };
  plainSecrets(raw, stack, file, stackFileKeys()).forEach((one) => warn(one));
  absences(config).forEach((one) => warn(one));
  // The primary is asked while the images' files are read.
  const drift = observedDrift(config, { project, stack, owners: ownersOf(config) }, warn);
  const built = stackImages(config);
  const pushed = config.images && (await pushedImages(built, config.images, config.dockerHost));
  const images = { ...built, ...pushed?.images };
  const isPreview = pulumi.runtime.isDryRun();
  const unpushed = [...(pushed?.refused ?? []), ...(isPreview ? [] : (pushed?.unknown ?? []))];
  if (unpushed.length > 0) throw new ConfigError(unpushed);
  pushed?.doubtful?.forEach((one) => warn(one));
  pushed?.unknown.forEach((one) => warn(`${one} ${unknownImages}`));
  const image = imageName(images.postgres);
  // `up` looks at settings itself, with everything else, and then changes nothing.
  const settings = isPreview ? settingsWarnings(config, { project, stack, file }, image) : [];
  const organization = pulumi.getOrganization();
  const [{ refused, warned, ...lost }, services] = await Promise.all([
    emptyPrimary(config, { organization, project, stack }, image, { preview: isPreview }),
    serviceDrift(config, { project, stack }),
  ]);
  if (refused.length > 0) throw new ConfigError(refused);
  if (warned) warn(warned);
  // A preview writes nothing; Pulumi runs this program once more for the update itself.
  if (!isPreview) makeStackContexts(images);
  const initScripts = readInitScripts(config.primary, file);
  const place = { project, stack, folder: __dirname, registry: pushed?.login };
  const args = { ...place, config, images, initScripts };
  const { Laterbase, look } = components();
  (await settings).forEach((one) => warn(one));
  const found = { ...services, ...(await drift), ...lost };
  await look({ ...args, file });
  const laterbase = new Laterbase("laterbase", { ...args, drift: found });
  return {
    primary: laterbase.primary,
    standbys: laterbase.standbys,
    connections: laterbase.connections,
    ...(laterbase.pgAdmin ? { pgAdmin: laterbase.pgAdmin } : {}),
    ...(laterbase.pooler ? { pooler: laterbase.pooler } : {}),
    backups: laterbase.backups,
    ...(laterbase.duplicati ? { duplicati: laterbase.duplicati } : {}),
    ...(laterbase.health ? { health: laterbase.health } : {}),
  };
};
