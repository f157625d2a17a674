/** Why something did not reach its target, by a code only: its words may hold an address that is secret. */
export class DeliveryFailure extends Error {
  override readonly name = "DeliveryFailure";

  constructor(
    /** Such as `ECONNREFUSED`, or `HTTP 404`. */
    readonly code: string,
    /** The target refuses it, and would refuse it again. */
    readonly permanent = false,
    /** How long the target wants to be left alone, in milliseconds. */
    readonly retryAfterMs = 0,
  ) {
    super(code);
  }
}

/** The failure that an error is. Its code is one of a library or of the system, never a sentence. */
export function failureOf(error: unknown): DeliveryFailure {
  if (error instanceof DeliveryFailure) return error;
  if (error instanceof Error && error.name === "TimeoutError")
    return new DeliveryFailure("ETIMEDOUT");
  return new DeliveryFailure(codeIn(error) ?? "EFAILED");
}

/** fetch hides the system's code in the cause of its error. */
function codeIn(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { code?: unknown };
  if (typeof code === "string" && /^[A-Z][A-Z0-9_]{1,60}$/.test(code)) return code;
  if (error.cause === undefined) return undefined;
  if (error.cause instanceof Error && error.cause.name === "TimeoutError") return "ETIMEDOUT";
  return codeIn(error.cause);
}
