/** Calls `body` with a stack, and removes the stack, also after an error or Ctrl-C. */
export async function thenRemoved<Removable extends { remove(): Promise<unknown> }, Result>(
  stack: Removable,
  body: (stack: Removable) => Promise<Result>,
): Promise<Result> {
  const interrupted = () => void stack.remove().finally(() => process.exit(130));
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  try {
    return await body(stack);
  } finally {
    await stack.remove();
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
  }
}
