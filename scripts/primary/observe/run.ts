import type * as Engine from "../../engine/connect";
import type * as Exec from "../../engine/exec";
import type * as DockerodeStubs from "../../patches/dockerodeStubs";
import type * as Ssh from "../ssh";
import type { ObservationPlace } from "./place";

/* eslint-disable @typescript-eslint/no-require-imports -- loaded late, in CommonJS */
/** Runs a script at a place. It loads only what that place needs, because every preview does this. */
export async function runAt(place: ObservationPlace, script: string, signal: AbortSignal) {
  if (place.kind === "ssh") {
    const { runBySsh } = require("../ssh") as typeof Ssh;
    return runBySsh(place, script, signal);
  }
  const { stubDockerode } = require("../../patches/dockerodeStubs") as typeof DockerodeStubs;
  stubDockerode();
  const { connect } = require("../../engine/connect") as typeof Engine;
  const { execInContainer } = require("../../engine/exec") as typeof Exec;
  const engine = connect(place.engine ? { host: place.engine } : {});
  return execInContainer(engine, place.container, script, signal);
}
/* eslint-enable @typescript-eslint/no-require-imports */
