/** Milliseconds of a clock that nobody can set, to measure time with. It says nothing about the day. */
export const elapsed = (): number => performance.now();
