import { existsSync } from "node:fs";
import { connect } from "../../scripts/engine/connect";

/** Of Debian's package `libfaketime`. */
const library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

/**
 * Puts a stand-in in the place of a container: the same image, files, volumes and network, with a clock that is wrong by
 * `offset`, such as `+1h`. Its label says what it is. What is returned puts the real one back.
 */
export async function withOtherClock(name: string, offset: string): Promise<() => Promise<void>> {
  if (!existsSync(library)) throw new Error(`Install Debian's package libfaketime: ${library}`);
  const engine = connect();
  const { Id, Config, HostConfig, NetworkSettings } = await engine.getContainer(name).inspect();
  // Its name is the stand-in's in a moment.
  const real = engine.getContainer(Id);
  await real.stop({ t: 60 });
  await real.rename({ name: `${name}-real` });
  const putBack = async () => {
    await real.rename({ name });
    await real.start();
  };
  try {
    const networks = Object.entries(NetworkSettings.Networks).map(([network, { Aliases }]) => [
      network,
      { Aliases },
    ]);
    const faked = [`LD_PRELOAD=${library}`, `FAKETIME=${offset}`, "FAKETIME_DONT_FAKE_MONOTONIC=1"];
    const standIn = await engine.createContainer({
      ...Config,
      name,
      Env: [...(Config.Env ?? []), ...faked],
      Labels: { ...Config.Labels, "laterbase.test": "a stand-in with a wrong clock" },
      HostConfig: {
        ...HostConfig,
        Binds: [...(HostConfig.Binds ?? []), `${library}:${library}:ro`],
      },
      NetworkingConfig: { EndpointsConfig: Object.fromEntries(networks) },
    });
    await standIn.putArchive(await real.getArchive({ path: "/etc/laterbase" }), { path: "/etc" });
    await standIn.start();
    return async () => {
      await standIn.stop({ t: 60 });
      await standIn.remove({ force: true });
      await putBack();
    };
  } catch (error) {
    await engine
      .getContainer(name)
      .remove({ force: true })
      .catch(() => undefined);
    await putBack();
    throw error;
  }
}
