/**
 * How a step's script ends, for programs: people read its sentences. lib.sh gets these numbers in the
 * head of the script.
 */
export const exitCodes = {
  /** The step was refused, or something else failed. */
  failed: 1,
  /** Nothing answers at the primary's address. */
  unreachable: 10,
  /** The primary answers, and does not let this login in. */
  loginRefused: 11,
  /** Another run of Laterbase holds the lock. */
  locked: 12,
  /** The primary is starting, stopping or recovering. */
  notReady: 13,
} as const;
