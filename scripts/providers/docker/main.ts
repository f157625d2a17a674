import type Docker from "dockerode";
import { connect } from "../../engine/connect";
import { type RegistryLogin, registryLogin, registryOf } from "../../engine/registryLogin";
import { serve } from "../protocol/server";
import { pluginVersion } from "../protocol/version";
import { container } from "./container";
import { sentence } from "./errors";
import { network } from "./network";
import { remoteImage } from "./remoteImage";
import { volume } from "./volume";

let client: Docker | undefined;

function engine(): Docker {
  return (client ??= connect());
}

let registries: string[] = [];

/** The login for an image of a registry in `registryAuth`, from Docker's own configuration. */
async function loginFor(image: string): Promise<RegistryLogin | undefined> {
  const registry = registryOf(image);
  return registries.includes(registry) ? registryLogin(registry) : undefined;
}

serve({
  name: "docker",
  version: pluginVersion,
  config: ["host", "sshOpts", "registryAuth"],
  configure: async ({ host, sshOpts, registryAuth = "[]" }) => {
    registries = (JSON.parse(registryAuth) as { address: string }[]).map(({ address }) => address);
    client = connect({ host, sshOpts: sshOpts ? (JSON.parse(sshOpts) as string[]) : [] });
    // Over SSH the first real call shows whether the engine answers; a ping would cost one more handshake.
    if ((host || process.env.DOCKER_HOST)?.startsWith("ssh://")) return;
    await client.ping().catch((error: unknown) => {
      throw new Error(`failed to connect to any docker daemon: ${sentence(error)}`);
    });
  },
  resources: {
    "docker:index/network:Network": network(engine),
    "docker:index/volume:Volume": volume(engine),
    "docker:index/remoteImage:RemoteImage": remoteImage(engine, loginFor),
    "docker:index/container:Container": container(engine, loginFor),
  },
});
