/** What looks found: sentences without their full stop. */
export interface Found {
  /** What would make the change fail. */
  refused: string[];
  /** What could not be looked at. It refuses nothing. */
  unseen: string[];
}

/** All of them as one, each sentence once. */
export function joined(all: readonly Found[]): Found {
  const once = (key: keyof Found) => [...new Set(all.flatMap((one) => one[key]))];
  return { refused: once("refused"), unseen: once("unseen") };
}

/** A look that fails by itself refuses nothing: it says what it could not look at. */
export async function told(what: string, look: () => Promise<Found>): Promise<Found> {
  try {
    return await look();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { refused: [], unseen: [`${what} could not be looked at: ${why}`] };
  }
}
