import { randomBytes } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import type Docker from "dockerode";
import { healthcheck, uploads } from "../components/pgAdmin/files";
import { pgAdminImage } from "../images/build/pgAdmin";
import { parseDuration } from "../scripts/providers/docker/durations";
import { uploadArchive } from "../scripts/providers/docker/uploads";
import { builtImage, finished } from "../test/support/builtImage";

/** The options of a container, and the archive of files to copy into it. */
export type Side = Docker.ContainerCreateOptions & { files?: Buffer };

const login = { email: "me@example.com", password: randomBytes(12).toString("hex") };

/** Both sides have an anonymous volume, a free port of this machine and the same memory limit. */
function common(image: string): Docker.ContainerCreateOptions {
  const memory = 1024 * 2 ** 20;
  return {
    Image: image,
    ExposedPorts: { "8080/tcp": {} },
    Volumes: { "/var/lib/pgadmin": {} },
    HostConfig: {
      PortBindings: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "0" }] },
      Memory: memory,
      MemorySwap: memory,
    },
  };
}

/** The options that the image's page suggests. This side has no servers in pgAdmin, ours has. */
export function byHand(image: string): Side {
  return {
    ...common(image),
    Env: [
      `PGADMIN_DEFAULT_EMAIL=${login.email}`,
      `PGADMIN_DEFAULT_PASSWORD=${login.password}`,
      "PGADMIN_LISTEN_PORT=8080",
      "PGADMIN_LISTEN_ADDRESS=0.0.0.0",
      "PGADMIN_DISABLE_POSTFIX=1",
    ],
  };
}

/** The component's own files, and the limits of a stack's container. */
export async function ours(image: string): Promise<Side> {
  const server = { port: 5432, username: "postgres", maintenanceDatabase: "postgres" };
  const servers = ["primary", "standby"].map((host) => ({ ...server, name: host, host }));
  const options = common(image);
  const hosts = { names: ["127.0.0.1"], anyAddress: true };
  const contents = { prefix: "lbb", ...login, hosts, servers, serverPassword: "a password" };
  const files = await Promise.all(
    uploads(contents).map(async (one) => ({ ...one, content: await known(one.content) })),
  );
  return {
    ...options,
    Entrypoint: ["/etc/laterbase/start"],
    Healthcheck: {
      Test: healthcheck.tests,
      Interval: parseDuration(healthcheck.interval),
      Timeout: parseDuration(healthcheck.timeout),
      StartPeriod: parseDuration(healthcheck.startPeriod),
      Retries: healthcheck.retries,
    },
    HostConfig: {
      ...options.HostConfig,
      Init: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges:true"],
    },
    files: await uploadArchive(files),
  };
}

function known(text: pulumi.Input<string>): Promise<string> {
  return new Promise((resolve) =>
    typeof text === "string"
      ? resolve(text)
      : void (text as pulumi.Output<string>).apply((value) => resolve(value)),
  );
}

/** Returns the tag of pgAdmin's image, and pulls or builds it where the engine lacks it. */
export async function present(engine: Docker, say: (line: string) => void): Promise<string> {
  const image = pgAdminImage();
  if (!("pulled" in image)) return builtImage(engine, image, say);
  const tag = image.pulled;
  const there = await engine
    .getImage(tag)
    .inspect()
    .catch(() => undefined);
  if (there) return tag;
  say(`pulling ${tag}`);
  await finished(engine, tag, await engine.pull(tag));
  return tag;
}
