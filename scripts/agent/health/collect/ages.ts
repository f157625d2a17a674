import { X509Certificate } from "node:crypto";
import { statSync } from "node:fs";
import { sentenceOf } from "../../kit/failure";

/** When certificates expire. One that cannot be read is in the log, and has no check. */
export function certificatesOf(
  pems: Readonly<Record<string, string>>,
  log: (sentence: string) => void,
): Record<string, { until: string }> {
  return Object.fromEntries(
    Object.entries(pems).flatMap(([of, pem]) => {
      try {
        return [[of, { until: new Date(new X509Certificate(pem).validTo).toISOString() }]];
      } catch (error) {
        log(`the certificate of ${of} cannot be read: ${sentenceOf(error)}`);
        return [];
      }
    }),
  );
}

/** What Debian's dpkg last wrote: when the packages of this image were installed. */
const packages = "/var/lib/dpkg/status";

/** How old the programs in this image are. A new program of ours on old packages does not make them younger. */
export function imageBuiltAt(file = packages): string | undefined {
  try {
    return statSync(file).mtime.toISOString();
  } catch {
    return undefined;
  }
}
