import type Docker from "dockerode";
import type { StepMount } from "../../../contract/stepMount";
import { containerName } from "../../../contract/names";
import { pgBackRestPaths } from "../../../contract/pgBackRest";
import type { Located } from "../stack/outputs";
import { CliError } from "../terminal/cliError";

/** What a restore takes over from the primary's container, which need not run. */
export interface PrimaryPlace {
  image: string;
  /** The stack's network, in which a repository of the stack's own is reached. */
  network: string;
  /** pgBackRest's configuration and the posix repositories. Nothing of it can be written. */
  repositories: StepMount[];
  /** The volume of its data. */
  dataVolume: string;
  /** Its limits and its environment. */
  info: Docker.ContainerInspectInfo;
}

/** Looks at the primary's container. */
export async function primaryPlace(engine: Docker, name: string): Promise<PrimaryPlace> {
  const info = await engine
    .getContainer(name)
    .inspect()
    .catch((error: Error & { statusCode?: number }) => {
      if (error.statusCode !== 404) throw error;
      throw new CliError(`There is no container ${name}: bring the stack up to make it.`);
    });
  const { conf, repositories } = pgBackRestPaths;
  const [network = "default"] = Object.keys(info.NetworkSettings.Networks);
  const mounts = info.Mounts.map(({ Name, Source, Destination }) => ({
    source: Name ?? Source,
    target: Destination,
  }));
  const data = mounts.find(({ target }) => target === "/var/lib/postgresql/primary");
  if (!data) throw new CliError(`The container ${name} has no volume of data.`);
  return {
    image: info.Config.Image,
    network,
    repositories: mounts
      .filter(({ target }) =>
        [conf, repositories].some((path) => target === path || target.startsWith(`${path}/`)),
      )
      .map((one) => ({ ...one, readOnly: true })),
    dataVolume: data.source,
    info,
  };
}

/** What every name of the stack begins with, by its primary's. */
export function prefixOf({ name }: Located): string {
  return name.slice(0, name.length - containerName("", "primary").length);
}
