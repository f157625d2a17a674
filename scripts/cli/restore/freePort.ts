import type Docker from "dockerode";
import { CliError } from "../terminal/cliError";

/** Where a restored server listens: on the engine's own machine alone. */
export const besideAddress = "127.0.0.1";

/**
 * A port of the engine's machine that a container can publish: the one that is wanted, or a free one. A container
 * that holds it for a moment shows that.
 *
 * @throws CliError when the wanted port is taken. Nothing was begun
 */
export async function freePort(
  engine: Docker,
  { image, stack, wanted }: { image: string; stack: string; wanted?: number | undefined },
): Promise<number> {
  const container = await engine.createContainer({
    Image: image,
    Entrypoint: ["sleep"],
    Cmd: ["60"],
    Healthcheck: { Test: ["NONE"] },
    Labels: { "laterbase.stack": stack, "laterbase.role": "step" },
    ExposedPorts: { "5432/tcp": {} },
    HostConfig: {
      CapDrop: ["ALL"],
      LogConfig: { Type: "none", Config: {} },
      PortBindings: published(wanted),
    },
  });
  try {
    // Nothing else of this container can hinder its start.
    await container.start().catch((error: Error) => {
      if (wanted === undefined) throw error;
      throw new CliError(
        `--port must be a port that is free on ${besideAddress} of the primary's engine, and something has ${wanted}: ` +
          "leave the option out to get a free one.",
        4,
      );
    });
    const { NetworkSettings } = await container.inspect();
    const port = publishedPort(NetworkSettings.Ports);
    if (port === undefined) throw new CliError("The engine published no port.");
    return port;
  } finally {
    await container.remove({ force: true }).catch(() => undefined);
  }
}

/** Publishes PostgreSQL's port. Without a number the engine chooses one. */
export function published(port?: number): Docker.PortMap {
  return {
    "5432/tcp": [{ HostIp: besideAddress, HostPort: port === undefined ? "" : String(port) }],
  };
}

/** The port that a container has published. */
export function publishedPort(
  ports: Record<string, { HostPort: string }[] | null> | undefined,
): number | undefined {
  const [binding] = ports?.["5432/tcp"] ?? [];
  return binding ? Number(binding.HostPort) : undefined;
}
