import type { Server } from "node:http";
import type { Socket } from "node:net";

/** So many connections may be open at a time. */
export const mostConnections = 256;

/**
 * Ends the connection that has waited longest when there are too many. A thousand that say nothing keep nobody else
 * away, as they would if new ones were refused.
 */
export function limitConnections(server: Server, most = mostConnections): void {
  // In the order in which they last did something.
  const waiting = new Set<Socket>();
  const all = new Set<Socket>();
  server.on("connection", (socket) => {
    all.add(socket);
    waiting.add(socket);
    socket.once("close", () => {
      all.delete(socket);
      waiting.delete(socket);
    });
    if (all.size <= most) return;
    const [first] = waiting;
    // With so many requests under way the newest has to come again.
    const ended = first ?? socket;
    all.delete(ended);
    waiting.delete(ended);
    ended.destroy();
  });
  server.on("request", ({ socket }, answer) => {
    waiting.delete(socket);
    answer.once("close", () => {
      if (all.has(socket)) waiting.add(socket);
    });
  });
}
