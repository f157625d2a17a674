import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { uid } from "../kit/container";

/** What the files of the object store are made of. A change replaces the container and keeps the data. */
export interface Contents {
  /** The server's certificate, PEM. */
  certificate: pulumi.Input<string>;
  /** The key of that, PEM. */
  key: pulumi.Input<string>;
  /** The certificate of the authority that signed it, PEM. */
  ca: pulumi.Input<string>;
  /** What clients sign their requests with. */
  accessKey: pulumi.Input<string>;
  /** The secret part of that. */
  secretKey: pulumi.Input<string>;
}

/** The program that starts versitygw, its health check, its keys and its certificate. */
export function uploads({ certificate, key, ca, accessKey, secretKey }: Contents) {
  return [
    upload("/etc/laterbase/start", text("start.sh"), "0555"),
    // `ready.ts` and operators call it by this name.
    upload("/usr/local/bin/laterbase-health", text("health.sh"), "0555"),
    upload("/etc/laterbase/certificate.pem", certificate, "0444"),
    upload("/etc/laterbase/authority.pem", ca, "0444"),
    upload("/etc/laterbase/certificate.key", key, "0400"),
    upload("/etc/laterbase/access-key", accessKey, "0400"),
    upload("/etc/laterbase/secret-key", secretKey, "0400"),
  ];
}

const upload = (file: string, content: pulumi.Input<string>, permissions: string) => ({
  file,
  content,
  permissions,
  owner: uid,
  group: uid,
});

const text = (name: string): string => readFileSync(join(__dirname, "container", name), "utf8");
