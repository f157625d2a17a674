import type Docker from "dockerode";

/** The local image of this name or id; undefined when there is none. */
export async function inspectImage(
  engine: Docker,
  name: string,
): Promise<Docker.ImageInspectInfo | undefined> {
  try {
    return await engine.getImage(name).inspect();
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}

/** One message of a pull or a build. */
export interface Progress {
  stream?: string;
  /** The layer that the status of a pull belongs to. */
  id?: string;
  status?: string;
  error?: string;
}

/** Reads the engine's messages to the end. An error among them is thrown. */
export async function follow(
  stream: NodeJS.ReadableStream,
  on: (message: Progress) => void,
): Promise<void> {
  let rest = "";
  stream.setEncoding("utf8");
  for await (const chunk of stream) {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(take);
  }
  take(rest);

  function take(line: string): void {
    if (line.trim() === "") return;
    const message = JSON.parse(line) as Progress;
    if (message.error) throw new Error(message.error);
    on(message);
  }
}
