import type * as pulumi from "@pulumi/pulumi";
import { containerName } from "../../contract/names";
import type { Parameters, SettingsCheckInput } from "../../contract/serverSettings";
import type { StackContext } from "../kit/context";
import { localProgram } from "../kit/localProgram";

interface SettingsCheckArgs {
  /** The stack, with the primary's engine and the image that the servers get. Another image is asked again. */
  stack: StackContext;
  /** PostgreSQL's major. A change asks again. */
  major: number;
  /** `settings`. A change asks again. Default: none, and nothing is asked. */
  settings?: Parameters | undefined;
}

/**
 * Asks PostgreSQL whether it takes the settings, once its image is there and before a server is stopped for them.
 *
 * @returns what the server waits for
 */
export function checkSettings(
  name: string,
  { stack, major, settings }: SettingsCheckArgs,
  parent: pulumi.Resource,
): pulumi.Resource[] {
  if (!settings) return [];
  const { engine, prefix } = stack;
  const stdin = engine.image.name.apply((image) => {
    const input: SettingsCheckInput = { image, major, settings };
    return JSON.stringify(input);
  });
  const words = [containerName(prefix, "primary")];
  const place = { program: "settingsCheck", words, engine, triggers: [] };
  return [localProgram(name, { ...place, stdin }, { parent, dependsOn: [engine.image] })];
}
