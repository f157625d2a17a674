import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import type * as pulumi from "@pulumi/pulumi";
import type Docker from "dockerode";
import { pack } from "tar-stream";
import { healthcheck, uploads } from "../components/pgAdminFiles";
import { pgAdminImage } from "../images/pgAdmin";
import { connect } from "../scripts/engine";
import { parseDuration } from "../scripts/providers/docker/durations";
import { type Figure, interleaved, type Measurement, median } from "./figure";
import { until } from "./wait";

const login = { email: "me@example.com", password: randomBytes(12).toString("hex") };

/** From the container's start until pgAdmin serves its login page, at the first start and later. */
export const pgAdmin: Measurement = {
  name: "pgadmin",
  run: async ({ quick, say }) => {
    const engine = connect({});
    const image = await present(engine, say);
    const sides = { ours: await ours(image), theirs: byHand(image) };
    const first: Figure["runs"] = { ours: [], theirs: [] };
    const again = await interleaved(
      quick ? 1 : 5,
      () => starts(engine, sides.ours, first.ours),
      () => starts(engine, sides.theirs, first.theirs),
    );
    const figure = (what: string, runs: Figure["runs"]): Figure => ({
      measured: `pgAdmin's ${what} start until it serves its login page`,
      against: "the same image started by hand",
      unit: "s",
      ours: median(runs.ours),
      theirs: median(runs.theirs),
      kind: "ratio",
      limit: 1.15,
      runs,
    });
    return [figure("first", first), figure("later", again)];
  },
};

/** A first start, on data that have yet to be made, and a second one; the seconds of the second. */
async function starts(engine: Docker, side: Side, first: number[]): Promise<number> {
  const { files, ...options } = side;
  const name = `lbb-pgadmin-${randomBytes(4).toString("hex")}`;
  const container = await engine.createContainer({ name, ...options });
  try {
    if (files) await container.putArchive(files, { path: "/" });
    first.push(await untilServed(container));
    await container.stop({ t: 10 });
    return await untilServed(container);
  } finally {
    await container.remove({ force: true, v: true });
  }
}

async function untilServed(container: Docker.Container): Promise<number> {
  const begun = performance.now();
  await container.start();
  const { NetworkSettings } = await container.inspect();
  const url = `http://127.0.0.1:${NetworkSettings.Ports["8080/tcp"]?.[0]?.HostPort}/login`;
  await until("pgAdmin serves its login page", 180, async () => {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(60_000) });
      return answer.ok && (await answer.text()).includes("csrfToken") ? true : undefined;
    } catch {
      return undefined;
    }
  });
  return (performance.now() - begun) / 1000;
}

type Side = Docker.ContainerCreateOptions & { files?: Buffer };

/** Both with an anonymous volume, on a free port of this machine, within the same memory. */
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

/** What one types after reading the image's page, without the servers that ours brings along. */
function byHand(image: string): Side {
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

async function ours(image: string): Promise<Side> {
  const server = { port: 5432, username: "postgres", maintenanceDatabase: "postgres" };
  const servers = ["primary", "standby"].map((host) => ({ ...server, name: host, host }));
  const options = common(image);
  const contents = { prefix: "lbb", ...login, servers, serverPassword: "a password" };
  const archive = pack();
  for (const { file, content, permissions } of uploads(contents)) {
    const entry = { name: file.slice(1), mode: parseInt(permissions, 8), uid: 5050, gid: 0 };
    archive.entry(entry, await known(content));
  }
  archive.finalize();
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
    files: await buffer(archive),
  };
}

function known(text: pulumi.Input<string>): Promise<string> {
  return new Promise((resolve) =>
    typeof text === "string"
      ? resolve(text)
      : void (text as pulumi.Output<string>).apply((value) => resolve(value)),
  );
}

/** pgAdmin's image, pulled or built on this engine when no stack has done so yet. */
async function present(engine: Docker, say: (line: string) => void): Promise<string> {
  const image = pgAdminImage();
  const tag = "pulled" in image ? image.pulled : image.tag;
  const there = await engine
    .getImage(tag)
    .inspect()
    .catch(() => undefined);
  if (there) return tag;
  say(`fetching ${tag}`);
  const stream =
    "pulled" in image
      ? await engine.pull(tag)
      : await engine.buildImage(
          { context: image.context, src: readdirSync(image.context) },
          { t: tag, buildargs: { ...image.buildArgs } },
        );
  const lines = await new Promise<{ error?: string }[]>((resolve, reject) =>
    engine.modem.followProgress(stream, (error, all: { error?: string }[]) =>
      error ? reject(error) : resolve(all),
    ),
  );
  const failed = lines.find(({ error }) => error);
  if (failed) throw new Error(`${tag} could not be had: ${failed.error}`);
  return tag;
}
