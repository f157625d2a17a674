import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { Surface, type SurfaceOptions } from "./surface";

const get = (path: string) =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
const nothing =
  "POST /commands/none HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/** The HTTP surfaces and sockets of ours. Ofelia's stand-in has none. */
const surfaces: Record<string, Omit<SurfaceOptions, "address" | "env">> = {
  "the socket proxy": {
    program: "test/support/fuzz/socketProxy.ts",
    good: { request: get("/_ping"), status: 200 },
    target: "/containers/agent/exec",
    heap: 48,
  },
  "the agent's socket": {
    program: "test/support/fuzz/agent.ts",
    good: { request: nothing, status: 400 },
    target: "/commands/dump",
    heap: 128,
  },
  "Duplicati's stand-in": {
    program: "scripts/standins/duplicati/main.ts",
    good: { request: get("/health"), status: 200 },
    target: "/api/v1/auth/login",
    heap: 256,
  },
};

export const surfaceNames = Object.keys(surfaces);

/** Starts one of them, at an address of its own. */
export async function openSurface(name: string, folder: string): Promise<Surface> {
  const options = surfaces[name]!;
  const address = name === "the agent's socket" ? join(folder, "agent.sock") : await freePort();
  // Only the stand-in reads them, as in its image.
  const env = {
    XDG_CONFIG_HOME: folder,
    DUPLICATI__WEBSERVICE_PORT: address,
    DUPLICATI__WEBSERVICE_PASSWORD: "fuzz",
  };
  const surface = new Surface({ ...options, env, address });
  await surface.open();
  return surface;
}

async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return String(port);
}
