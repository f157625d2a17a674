import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { baseImage, contextHash, type ImageBuild } from "./postgres";
import type { ServiceImage } from "./services";

const version = "9.17";
const project = resolve(__dirname, "../..");
const sources = join(__dirname, "../pgadmin");

/** pgAdmin's own image, pinned; where set-up found no registry, ours with the same pgAdmin. */
export function pgAdminImage(): ServiceImage {
  return process.env["LATERBASE_STAND_INS"]
    ? ownPgAdminImage()
    : { pulled: `dpage/pgadmin4:${version}` };
}

/**
 * The same pgAdmin from PyPI, at the paths of its own image, wherever it is asked for. Its context
 * also has the certificates that this machine trusts, which change the image's content in nothing.
 *
 * @param context out of git's sight; the state knows it by this path
 */
export function ownPgAdminImage(context = ".laterbase/pgadmin"): ImageBuild {
  const buildArgs = { BASE: baseImage(17) };
  const hash = contextHash(sources, buildArgs);
  const certificates = trusted();
  const stamp = `${hash} ${createHash("sha256").update(certificates).digest("hex")}`;
  if (stampOf(context) !== stamp) makeContext(context, stamp, certificates);
  return { tag: `laterbase/pgadmin:${version}-${hash}`, context, buildArgs };
}

/** Empty where pip's own list is enough. */
function trusted(): string {
  const names = ["PIP_CERT", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"];
  const file = names.map((name) => process.env[name]).find((path) => path && existsSync(path));
  return file ? readFileSync(file, "utf8") : "";
}

function stampOf(folder: string): string | undefined {
  const file = join(project, folder, "stamp");
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** Made beside and renamed: a build never meets half a context. */
function makeContext(context: string, stamp: string, certificates: string): void {
  const fresh = `${context}.${process.pid}`;
  mkdirSync(join(project, ".laterbase"), { recursive: true });
  rmSync(join(project, fresh), { recursive: true, force: true });
  cpSync(sources, join(project, fresh), { recursive: true });
  writeFileSync(join(project, fresh, "ca.pem"), certificates);
  writeFileSync(join(project, fresh, "stamp"), stamp);
  rmSync(join(project, context), { recursive: true, force: true });
  try {
    renameSync(join(project, fresh), join(project, context));
  } catch (error) {
    // Another run has just made the same.
    rmSync(join(project, fresh), { recursive: true, force: true });
    if (stampOf(context) !== stamp) throw error;
  }
}
