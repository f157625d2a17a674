import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import {
  type Config,
  ConfigError,
  Laterbase,
  parseConfig,
  plainSecrets,
  readRaw,
} from "./components";
import type { DeclaredOutputs } from "./components/stack/outputs";
import { makeStackContexts, stackImages } from "./images/build/stack";
import { observedDrift } from "./scripts/primary/observe/stackDrift";
import { stackFileKeys } from "./scripts/setup/stackFileKeys";
import { patchPulumi } from "./scripts/patches/pulumiPatches";

patchPulumi(pulumi.log);

export = async (): Promise<DeclaredOutputs> => {
  const project = pulumi.getProject();
  const stack = pulumi.getStack();
  const file = `Pulumi.${stack}.yaml`;
  const raw = readRaw(pulumi.runtime.allConfig());
  const config = parseConfig(raw, file);
  const warn = (sentence: string) => void pulumi.log.warn(sentence);
  plainSecrets(raw, stack, file, stackFileKeys()).forEach(warn);
  // The primary is asked while the images' files are read.
  const drift = observedDrift(config, { project, stack }, warn);
  const images = stackImages(config);
  // A preview writes nothing; Pulumi runs this program once more for the update itself.
  if (!pulumi.runtime.isDryRun()) makeStackContexts(images);
  const laterbase = new Laterbase("laterbase", {
    project,
    stack,
    config,
    images,
    folder: __dirname,
    initScripts: readInitScripts(config, file),
    drift: await drift,
  });
  return {
    primary: laterbase.primary,
    standbys: laterbase.standbys,
    connections: laterbase.connections,
    ...(laterbase.pgAdmin ? { pgAdmin: laterbase.pgAdmin } : {}),
    ...(laterbase.pooler ? { pooler: laterbase.pooler } : {}),
    backups: laterbase.backups,
    ...(laterbase.duplicati ? { duplicati: laterbase.duplicati } : {}),
  };
};

function readInitScripts({ primary }: Config, file: string): { name: string; content: string }[] {
  if (primary.kind !== "managed" || primary.initScripts === undefined) return [];
  const folder = primary.initScripts;
  try {
    const names = readdirSync(folder).filter((name) => /\.(sql|sh)$/.test(name));
    return names
      .sort()
      .map((name) => ({ name, content: readFileSync(join(folder, name), "utf8") }));
  } catch {
    const expected = "a folder of *.sql and *.sh that can be read, such as examples/hot-hot/schema";
    throw new ConfigError([
      `laterbase:primary.initScripts must be ${expected}; it is "${folder}" (set in ${file}).`,
    ]);
  }
}
