/** What a look says of the stream to a standby. */
interface Seen {
  /** Whether the standby receives, and the primary sends to it where it answered once. */
  streams: boolean;
  /** Whether an answer of the standby or of the primary is missing in this look. */
  isMissing: boolean;
}

/**
 * Which standbys stream. While one answer is missing, nobody knows yet which end of the stream is down: the next look says
 * it. Otherwise people would be told that nothing streams, and ten seconds later read that a container is stopped.
 */
export class Streams {
  private readonly streamed = new Set<string>();

  of(name: string, { streams, isMissing }: Seen): boolean {
    const now = streams || (isMissing && this.streamed.has(name));
    if (now) this.streamed.add(name);
    else this.streamed.delete(name);
    return now;
  }
}
