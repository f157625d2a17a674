import type Docker from "dockerode";
import { z } from "zod";
import { containerName, restoredRecord, restoredVolume } from "../../../contract/names";
import { containerFile } from "../../engine/containerFile";
import { publishedPort } from "./freePort";

/** What a restored server is: a file beside its data, written when it was ready. */
const restoredRecordSchema = z.object({
  /** The target in words. */
  target: z.string(),
  repository: z.number(),
  /** The label of the backup that it began with. */
  set: z.string(),
  /** The timeline that it writes. */
  timeline: z.number(),
  /** The end of the WAL that was replayed, and the last transaction in it. */
  reached: z.object({ lsn: z.string(), at: z.string().optional() }),
  /** Since when it is there, ISO 8601. */
  since: z.string(),
});

export type RestoredRecord = z.output<typeof restoredRecordSchema>;

/** A server that was restored beside the primary. */
export interface RestoredServer extends RestoredRecord {
  container: string;
  volume: string;
  running: boolean;
  host: string;
  port: number;
}

/** What is there of an earlier restore. */
export type BesideSeen =
  | { kind: "nothing" }
  | { kind: "server"; server: RestoredServer }
  /** A run was killed: its container is there, and it was never ready. */
  | { kind: "unfinished"; container: Docker.Container }
  /** A volume whose container a person or `destroy` removed. */
  | { kind: "volume"; volume: string }
  /** A container of this name that no restore has made. */
  | { kind: "foreign"; container: string };

/** Looks for a restored server. It changes nothing. */
export async function lookBeside(engine: Docker, prefix: string): Promise<BesideSeen> {
  const name = containerName(prefix, "restored");
  const volume = restoredVolume(prefix);
  const container = engine.getContainer(name);
  const info = await container.inspect().catch(gone);
  if (!info) {
    const found = await engine.getVolume(volume).inspect().catch(gone);
    return found ? { kind: "volume", volume } : { kind: "nothing" };
  }
  if (!info.Mounts.some((mount) => mount.Name === volume))
    return { kind: "foreign", container: name };
  const record = readRecord(await containerFile(container, restoredRecord));
  if (!record) return { kind: "unfinished", container };
  const port = publishedPort(info.HostConfig.PortBindings as never) ?? 0;
  const { Running } = info.State;
  return {
    kind: "server",
    server: { ...record, container: name, volume, running: Running, host: "127.0.0.1", port },
  };
}

/** Undefined: there is no whole one. */
function readRecord(text = ""): RestoredRecord | undefined {
  try {
    return restoredRecordSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** What is gone is not there. */
export function gone(error: Error & { statusCode?: number }): undefined {
  if (error.statusCode === 404) return undefined;
  throw error;
}
