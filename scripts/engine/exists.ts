/** Whether a container, a volume or a network is on its engine. */
export async function exists(thing: { inspect(): Promise<unknown> }): Promise<boolean> {
  try {
    await thing.inspect();
    return true;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return false;
    throw error;
  }
}
