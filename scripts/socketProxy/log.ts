/** Writes one sentence to the container's log, as the agent does: people read it by `docker logs`. */
export function log(sentence: string): void {
  const at = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  process.stderr.write(`${at} socket-proxy: ${sentence}\n`);
}

/** A client's text as a log can hold it: printable, quoted and short. */
export function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 200)).replace(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
