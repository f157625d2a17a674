import type { GeneratedImage } from "./context";
import { nodeImage, type Program } from "./nodeImage";
import { baseImage } from "./postgres";

export const socketProxyProgram: Program = {
  name: "socket-proxy",
  entry: "scripts/socketProxy/main.ts",
  sources: ["scripts/socketProxy", "contract/socketProxy.ts"],
  folder: "images/socketProxy",
};

/** The socket proxy's image, the same whatever can be pulled. The tag names the form of its rules. */
export function socketProxyImage(): GeneratedImage {
  return nodeImage(socketProxyProgram, "1", { BASE: baseImage(17) });
}
