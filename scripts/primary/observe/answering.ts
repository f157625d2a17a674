import type Docker from "dockerode";
import type * as Engine from "../../engine/connect";
import type * as DockerodeStubs from "../../patches/dockerodeStubs";

/** An engine that answers in time; undefined for any other: then the run itself says what is wrong. */
export async function answering(
  host: string | undefined,
  patienceMs = 5000,
): Promise<Docker | undefined> {
  const engine = late().connect(host ? { host } : {});
  const limit = new Promise<undefined>((resolve) =>
    setTimeout(resolve, patienceMs, undefined).unref(),
  );
  return Promise.race([
    engine.ping().then(
      () => engine,
      () => undefined,
    ),
    limit,
  ]);
}

/* eslint-disable @typescript-eslint/no-require-imports -- loaded late, in CommonJS: every preview reads this file */
function late() {
  const { stubDockerode } = require("../../patches/dockerodeStubs") as typeof DockerodeStubs;
  stubDockerode();
  return require("../../engine/connect") as typeof Engine;
}
/* eslint-enable @typescript-eslint/no-require-imports */
