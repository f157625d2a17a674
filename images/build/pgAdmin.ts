import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { contextHash, type GeneratedImage, sha256 } from "./context";
import { baseImage } from "./postgres";
import type { ServiceImage } from "./services";

const version = "9.17";
const sources = join(__dirname, "../pgadmin");

/** pgAdmin's own image, pinned; where set-up found no registry, ours with the same pgAdmin. */
export function pgAdminImage(): ServiceImage {
  return process.env["LATERBASE_STAND_INS"]
    ? ownPgAdminImage()
    : { pulled: `dpage/pgadmin4:${version}` };
}

/**
 * The same pgAdmin from PyPI, at the paths of its own image. Its context also has the certificates
 * that this machine trusts: pip needs them, and the image's content does not depend on them.
 *
 * @param context out of git's sight; the state knows it by this path
 */
export function ownPgAdminImage(context = ".laterbase/pgadmin"): GeneratedImage {
  const buildArgs = { BASE: baseImage(17) };
  const hash = contextHash(sources, buildArgs);
  const certificates = trusted();
  return {
    name: "pgadmin",
    tag: `laterbase/pgadmin:${version}-${hash}`,
    context,
    buildArgs,
    stamp: `${hash} ${sha256(certificates)}`,
    fill: (folder) => {
      cpSync(sources, folder, { recursive: true });
      writeFileSync(join(folder, "ca.pem"), certificates);
    },
  };
}

/** Empty where pip's own list is enough. */
function trusted(): string {
  const names = ["PIP_CERT", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"];
  const file = names.map((name) => process.env[name]).find((path) => path && existsSync(path));
  return file ? readFileSync(file, "utf8") : "";
}
