import type { Client } from "pg";

/**
 * Whatever a session is asked after it was lost, it says why. pg says why to the query under way, and to later ones
 * only that the session cannot be asked any more. The error has no code where the connection broke, so it gets the
 * errno of that.
 */
export function repeatError(client: Client): void {
  let first: Error | undefined;
  client.on("error", (error: Error & { code?: string }) => {
    error.code ??= "ECONNRESET";
    // After the server's own words comes the end of the connection.
    first ??= error;
  });
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  const orError = (...args: unknown[]) => {
    // A COPY is a stream, and pg ends it by itself.
    const [asked] = args;
    const isStream = typeof asked === "object" && asked !== null && "submit" in asked;
    return first && !isStream ? Promise.reject(first) : query(...args);
  };
  client.query = orError as typeof client.query;
}
