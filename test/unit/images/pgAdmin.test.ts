import { readFileSync, rmSync, writeFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { makeContexts } from "../../../images/build/context";
import { ownPgAdminImage, pgAdminImage } from "../../../images/build/pgAdmin";

const project = resolve(__dirname, "../../..");
const before = { ...process.env };
const folder = mkdtempSync(join(tmpdir(), "laterbase-"));
/** Of its own: a build may be reading the other one. */
const own = `.laterbase/test-pgadmin-${process.pid}`;

/** What of an image can be compared. */
const plain = (image: object): unknown => JSON.parse(JSON.stringify(image));
/** Of an image whose context is there. */
function made() {
  const image = ownPgAdminImage(own);
  makeContexts([image]);
  return image;
}

afterEach(() => {
  process.env = { ...before };
});
afterAll(() => {
  for (const path of [folder, join(project, own)]) rmSync(path, { recursive: true, force: true });
});

describe("pgAdminImage", () => {
  it("is the real one, pinned, unless set-up found no registry", () => {
    delete process.env["LATERBASE_STAND_INS"];
    expect(pgAdminImage()).toEqual({ pulled: "dpage/pgadmin4:9.17" });
    process.env["LATERBASE_STAND_INS"] = "yes";
    expect(plain(pgAdminImage())).toEqual(plain(ownPgAdminImage()));
  });
});

describe("ownPgAdminImage", () => {
  it("has the same pgAdmin, every package pinned, on a base of our own", () => {
    const { tag, context, buildArgs } = made();
    expect(tag).toMatch(/^laterbase\/pgadmin:9\.17-[0-9a-f]{12}$/);
    expect(buildArgs["BASE"]).toMatch(/trixie/);
    const files = ["requirements.txt", "sources.txt"].map((name) =>
      readFileSync(join(project, context, name), "utf8"),
    );
    const entries = files
      .join("")
      .replace(/^#.*\n/gm, "")
      .replace(/ \\\n */g, " ")
      .trim()
      .split("\n");
    const locked = /^[A-Za-z0-9.-]+==[0-9a-z.]+( --hash=sha256:[0-9a-f]{64}){1,2}$/;
    expect(entries.filter((entry) => !locked.test(entry))).toEqual([]);
    const pins = entries.map((entry) => entry.split(" ")[0]);
    // With a later one pgAdmin 9.17 refuses every login.
    expect(pins).toEqual(
      expect.arrayContaining(["pgadmin4==9.17", "gunicorn==23.0.0", "flask-security-too==5.8.1"]),
    );
    // What builds the two sources is installed before, and by its hash too.
    expect(pins.filter((pin) => pin?.startsWith("setuptools=="))).toHaveLength(1);
  });

  it("installs nothing from PyPI without its hash", () => {
    const text = readFileSync(join(project, "images/pgadmin/install.sh"), "utf8");
    const commands = text.replace(/\\\n/g, " ").match(/^.*\bpip\b.* install\b.*$/gm);
    expect(commands).toEqual([expect.stringContaining("--require-hashes")]);
    expect(text).toContain("--no-build-isolation");
  });

  it("is built with the certificates that this machine trusts, and is the same image", () => {
    for (const name of ["PIP_CERT", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"])
      delete process.env[name];
    const { tag, context } = made();
    const certificates = () => readFileSync(join(project, context, "ca.pem"), "utf8");
    expect(certificates()).toBe("");
    process.env["NODE_EXTRA_CA_CERTS"] = join(folder, "ca.pem");
    writeFileSync(join(folder, "ca.pem"), "an authority");
    expect(made().tag).toBe(tag);
    expect(certificates()).toBe("an authority");
  });
});
