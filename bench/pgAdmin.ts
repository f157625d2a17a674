import { randomBytes } from "node:crypto";
import { get } from "node:http";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { connect } from "../scripts/engine/connect";
import { type Figure, interleaved, type Measurement, median } from "./figure";
import { byHand, ours, present, type Side } from "./pgAdminSides";
import { until } from "./until";

/** Measures how long pgAdmin takes to serve its login page, at the first and at later starts. */
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

/** Starts a new container twice. Returns the seconds of the second start, adds the first's to `first`. */
async function starts(engine: Docker, side: Side, first: number[]): Promise<number> {
  const { files, ...options } = side;
  const name = `lbb-pgadmin-${randomBytes(4).toString("hex")}`;
  const container = await engine.createContainer({ name, ...options });
  const remove = () => container.remove({ force: true, v: true });
  const interrupted = () => void remove().finally(() => process.exit(130));
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  try {
    if (files) await container.putArchive(files, { path: "/" });
    first.push(await untilServed(container));
    await container.stop({ t: 10 });
    return await untilServed(container);
  } finally {
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
    await remove();
  }
}

async function untilServed(container: Docker.Container): Promise<number> {
  const begun = performance.now();
  await container.start();
  const { NetworkSettings } = await container.inspect();
  const url = `http://127.0.0.1:${NetworkSettings.Ports["8080/tcp"]?.[0]?.HostPort}/login`;
  await until("pgAdmin serves its login page", 180, async () => {
    const page = await read(url);
    return page.includes("csrfToken") ? true : undefined;
  });
  return (performance.now() - begun) / 1000;
}

/**
 * The page, or an empty text while no server answers. Each request makes a new connection, because
 * Node's `fetch` can keep a refused one.
 */
function read(url: string): Promise<string> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: 60_000 }, (answer) => {
      text(answer).then(resolve, () => resolve(""));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(""));
  });
}
