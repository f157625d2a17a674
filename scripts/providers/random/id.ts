import { randomBytes } from "node:crypto";
import { isUnknown } from "../protocol/values";
import { randomKind } from "./kind";

/** `random:index/randomId:RandomId`. */
export const randomId = randomKind({
  forms: { byteLength: "number", prefix: "string", keepers: "object" },
  required: "byteLength",
  drawn: ["b64Std", "b64Url", "dec", "hex"],
  plan: (inputs) => inputs,

  failures({ byteLength }) {
    if (isUnknown(byteLength) || (Number.isInteger(byteLength) && Number(byteLength) >= 1)) {
      return [];
    }
    const reason = `must be a whole number of at least 1, got ${String(byteLength)}`;
    return [{ property: "byteLength", reason }];
  },

  draw: ({ byteLength, prefix }) =>
    writeBytes(randomBytes(byteLength as number), (prefix ?? "") as string),
});

/** The output forms of an identifier. The id itself never has the prefix. */
export function writeBytes(bytes: Buffer, prefix: string) {
  const id = bytes.toString("base64url");
  const hex = bytes.toString("hex");
  return {
    id,
    b64Url: prefix + id,
    b64Std: prefix + bytes.toString("base64"),
    hex: prefix + hex,
    dec: prefix + BigInt(`0x${hex}`).toString(),
  };
}
