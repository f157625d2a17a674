import type { Duplex } from "node:stream";
import { connect } from "../engine";
import { converse } from "./exec";
import { remainsOf } from "./script";

const mode = process.argv[2] ?? "";

/**
 * `inContainer.ts apply|mend|remove`: runs the script on standard input by `bash -s`, in a container
 * of LATERBASE_IMAGE on LATERBASE_NETWORK of the engine LATERBASE_ENGINE: from where a standby
 * will connect. The script holds secrets, so it goes by standard input all the way, /tmp is
 * memory, and the engine keeps no log. The container is gone afterwards in every case.
 */
async function main(script: string): Promise<number> {
  const { LATERBASE_ENGINE, LATERBASE_IMAGE, LATERBASE_NETWORK } = process.env;
  if (!LATERBASE_IMAGE) throw new Error("LATERBASE_IMAGE is not set");
  const engine = connect(LATERBASE_ENGINE ? { host: LATERBASE_ENGINE } : {});
  const container = await engine.createContainer({
    Image: LATERBASE_IMAGE,
    Entrypoint: ["bash"],
    Cmd: ["-s", "--", mode],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: true,
    StdinOnce: true,
    Healthcheck: { Test: ["NONE"] },
    Labels: { "laterbase.role": "step" },
    HostConfig: {
      AutoRemove: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges:true"],
      LogConfig: { Type: "none", Config: {} },
      NetworkMode: LATERBASE_NETWORK || "default",
      Tmpfs: { "/tmp": "rw,mode=1777,size=16m" },
    },
  });
  const clear = () => container.remove({ force: true }).catch(() => undefined);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => void clear().then(() => process.exit(1)));
  }
  try {
    const stream = await container.attach({
      stream: true,
      hijack: true,
      stdin: true,
      stdout: true,
      stderr: true,
    });
    // Asked before the start: afterwards the container may be gone with its exit code.
    const exit = container.wait({ condition: "next-exit" }) as Promise<{ StatusCode: number }>;
    exit.catch(() => undefined);
    await container.start();
    const said = await converse(engine, stream as Duplex, script);
    process.stdout.write(said.stdout);
    process.stderr.write(said.stderr);
    return (await exit).StatusCode;
  } finally {
    await clear();
  }
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function run(): Promise<void> {
  const script = await standardInput();
  try {
    process.exitCode = await main(script);
  } catch (error) {
    const where = process.env.LATERBASE_ENGINE || "the local Docker engine";
    const why = error instanceof Error ? error.message : String(error);
    const left = mode === "remove" ? remainsOf(script) : "";
    process.stderr.write(`The step's container cannot run on ${where}: ${why}\n${left}`);
    process.exitCode = 1;
  }
}

void run();
