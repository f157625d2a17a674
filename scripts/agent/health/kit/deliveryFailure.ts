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
  return error instanceof DeliveryFailure ? error : new DeliveryFailure(codeIn(error) ?? "EFAILED");
}

/** fetch hides the system's code in the cause of its error. */
function codeIn(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { name, code, cause } = error as { name?: unknown; code?: unknown; cause?: unknown };
  if (name === "TimeoutError") return "ETIMEDOUT";
  if (typeof code === "string" && /^[A-Z][A-Z0-9_]{1,60}$/.test(code)) return code;
  return codeIn(cause);
}
