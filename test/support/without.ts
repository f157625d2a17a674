/** The same object without one of its keys. */
export function without<T extends object, Key extends keyof T>(value: T, key: Key): Omit<T, Key> {
  const copy: Partial<T> = { ...value };
  delete copy[key];
  return copy as Omit<T, Key>;
}
