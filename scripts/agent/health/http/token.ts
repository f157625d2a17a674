import { createHash, timingSafeEqual } from "node:crypto";

/** Whether a request may ask: by its header `Authorization`. Without a token anybody may. */
export type Guard = (authorization: string | undefined) => boolean;

/** Bearer, or Basic with the token as password and any name. It takes as long for every wrong one. */
export function guard(token: string | undefined): Guard {
  if (token === undefined) return () => true;
  const wanted = digest(token);
  return (authorization) => timingSafeEqual(digest(given(authorization ?? "")), wanted);
}

// Digests are of one length, whatever was given.
const digest = (text: string) => createHash("sha256").update(text).digest();

function given(authorization: string): string {
  const [, scheme = "", rest = ""] = /^(\S+) +(\S+) *$/.exec(authorization) ?? [];
  if (scheme.toLowerCase() === "bearer") return rest;
  if (scheme.toLowerCase() !== "basic") return "";
  const login = Buffer.from(rest, "base64").toString("utf8");
  const colon = login.indexOf(":");
  return colon < 0 ? "" : login.slice(colon + 1);
}
