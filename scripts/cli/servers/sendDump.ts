import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import tar from "tar-stream";
import { receivedDump } from "../../../contract/receivedDump";
import { agentFolder } from "./agentFolder";
import type { Agent } from "./askAgent";
import type { LocalDump } from "./localDump";

/** A dump in the agent's container. */
export interface SentDump {
  /** What commands take in place of a dump's id. */
  id: string;
  /** Removes it. */
  forget(): Promise<void>;
}

/** Sends a dump into the agent's container, beside the unfinished dumps. */
export async function sendDump(
  agent: Agent,
  dump: LocalDump,
  signal?: AbortSignal,
): Promise<SentDump> {
  const { token, fill, forget } = agentFolder(agent, signal);
  await fill(packed(dump));
  return { id: receivedDump.idOf(token), forget };
}

function packed({ from, files }: LocalDump): tar.Pack {
  const pack = tar.pack();
  const add = async () => {
    pack.entry({ name: receivedDump.from }, from);
    for (const { name, path, bytes } of files) {
      // The end is a file that grows: an entry has the size that was announced.
      const content = createReadStream(path, bytes > 0 ? { end: bytes - 1 } : {});
      await pipeline(content, pack.entry({ name, size: bytes }));
    }
    pack.finalize();
  };
  void add().catch((error: Error) => pack.destroy(error));
  return pack;
}
