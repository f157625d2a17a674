import * as command from "@pulumi/command";
import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { ServerKind } from "../../contract/names";
import {
  ofTurn,
  type Parameters,
  parametersOf,
  type ServerSettingsInput,
} from "../../contract/serverSettings";
import { driftEnvironment, ignoredDrift } from "./drift";
import type { Engine } from "./engine";
import { stepCommand } from "./localProgram";

interface ServerSettingsArgs {
  /** What the server is. */
  kind: ServerKind;
  /** The container's name. */
  containerName: string;
  /** The container. Another one gets the settings again. */
  container: docker.Container;
  /** The engine that runs it. */
  engine: Engine;
  /** `laterbase:primary.settings`. A change is applied by a reload, or came with the container. */
  settings: Parameters;
  /** What has to be there before: an answering server. */
  ready: pulumi.Resource;
  /** What somebody set by ALTER SYSTEM, in one sentence. The step takes it back. Default: nothing. */
  drift?: string | undefined;
}

/**
 * The settings of a running server that a reload puts in force. They are a file beside the data, so a new container of
 * the server starts with it. Destroy, and a stack file without the key, remove that file.
 *
 * It has no triggers: a replacement would remove the file while the new container starts.
 */
export function serverSettings(
  name: string,
  args: ServerSettingsArgs,
  parent: pulumi.Resource,
): command.local.Command {
  const { kind, containerName, container, engine, settings, ready, drift } = args;
  const own = parametersOf(kind, settings);
  const run = stepCommand("serverSettings", containerName);
  const stdin = container.id.apply((id) => {
    const input: ServerSettingsInput = {
      ...{ kind, id },
      reload: ofTurn(own, "reload"),
      atStart: Object.keys(ofTurn(own, "restart")),
    };
    return JSON.stringify(input);
  });
  return new command.local.Command(
    name,
    {
      ...{ create: run, update: run },
      delete: stepCommand("serverSettingsRemoved", containerName, kind),
      stdin,
      environment: { LATERBASE_ENGINE: engine.host ?? "", ...driftEnvironment(drift) },
      addPreviousOutputInEnv: false,
    },
    { parent, dependsOn: [ready], ignoreChanges: ignoredDrift(drift) },
  );
}
