import type * as Engine from "../../engine/connect";
import type * as Exec from "../../engine/exec";
import type * as DockerodeStubs from "../../patches/dockerodeStubs";
import type * as Ssh from "../ssh";

/** Where `observe` runs: in a running container, or on the primary's own machine. */
export type Lookout =
  | { kind: "container"; engine?: string; container: string }
  | { kind: "ssh"; host: string; port: number; user: string; privateKey: string; hostKey: string };

/* eslint-disable @typescript-eslint/no-require-imports -- loaded late, in CommonJS */
/** Runs a script there. Nothing is loaded before it is needed: this is part of every preview. */
export async function look(lookout: Lookout, script: string, signal: AbortSignal) {
  if (lookout.kind === "ssh") {
    const { runBySsh } = require("../ssh") as typeof Ssh;
    return runBySsh(lookout, script, signal);
  }
  const { stubDockerode } = require("../../patches/dockerodeStubs") as typeof DockerodeStubs;
  stubDockerode();
  const { connect } = require("../../engine/connect") as typeof Engine;
  const { execInContainer } = require("../../engine/exec") as typeof Exec;
  const engine = connect(lookout.engine ? { host: lookout.engine } : {});
  return execInContainer(engine, lookout.container, script, signal);
}
/* eslint-enable @typescript-eslint/no-require-imports */
