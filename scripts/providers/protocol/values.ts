import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Props } from "./provider";

/** Pulumi's mark on wrapped values, and the mark of a secret among them. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** The mark of a value that a preview does not know yet. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const UNKNOWNS = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Whether a value is not known yet. */
export function isUnknown(value: unknown): boolean {
  return typeof value === "string" && UNKNOWNS.has(value);
}

/** Whether a value is, or holds, something that is not known yet. */
export function hasUnknown(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasUnknown);
  if (isObject(value)) return Object.values(value).some(hasUnknown);
  return isUnknown(value);
}

/** Plain properties of a message: no wrappers, no nulls. */
export function fromStruct(struct: Struct | undefined): Props {
  return struct ? (unwrap(struct.toJavaScript()) as Props) : {};
}

/** A message of plain properties, with the named ones marked secret. */
export function toStruct(props: Props, secrets: readonly string[] = []): Struct {
  const marked = Object.entries(props).map(([key, value]) =>
    secrets.includes(key) && value !== undefined && !isUnknown(value)
      ? [key, { [SIGNATURE]: SECRET, value }]
      : [key, value],
  );
  return Struct.fromJavaScript(plain(Object.fromEntries(marked)) as never);
}

/** Whether a value is an object with keys. */
export function isObject(value: unknown): value is Props {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrap);
  if (!isObject(value)) return value;
  const signature = value[SIGNATURE];
  if (signature === SECRET) return unwrap(value.value);
  if (signature === OUTPUT) return "value" in value ? unwrap(value.value) : UNKNOWN;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([key, inner]) => [key, unwrap(inner)]),
  );
}

/** Undefined has no form in a message. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item ?? null));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, plain(inner)]),
  );
}
