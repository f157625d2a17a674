import { createHash } from "node:crypto";
import { connect } from "../../scripts/engine/connect";
import { ok } from "./process";
import { builtImage } from "./primaryServer";

/** Where the emulated Mac keeps its locales; PostgreSQL finds them there by LOCPATH. */
export const macLocales = "/opt/mac/locale";

// A Mac's order of text is the code points' (LC_COLLATE of most of its locales is one of ASCII), and
// it records no version of it. What this localedef makes of them forgets what lies beyond 16 bits, so
// LC_COLLATE is the standby's own; that it is right, the test compares with PostgreSQL's "C". psql has no
// place on the PATH of a login by SSH.
const recipe = `
USER root
RUN apt-get update -qq && \\
    apt-get install -y -qq --no-install-recommends locales openssh-server >/dev/null && \\
    rm -rf /var/lib/apt/lists/* /etc/ssh/ssh_host_* && mkdir -p ${macLocales} /run/sshd
RUN for name in en_US de_DE; do \\
      sed -e '/^LC_COLLATE/,/^END LC_COLLATE/c LC_COLLATE\\ncopy "C"\\nEND LC_COLLATE' \\
        "/usr/share/i18n/locales/$name" >"/tmp/$name" && \\
      localedef -c -i "/tmp/$name" -f UTF-8 "${macLocales}/$name.UTF-8" && \\
      cp /usr/local/lib/laterbase/code-point/LC_COLLATE "${macLocales}/$name.UTF-8/" || exit 1; \\
    done
RUN mkdir -p "/Library/Application Support/PostgreSQL/13" && rm /usr/bin/psql && \\
    ln -s /usr/lib/postgresql/13/bin "/Library/Application Support/PostgreSQL/13/bin" && \\
    chown postgres: "/Library/Application Support/PostgreSQL/13" && \\
    useradd --create-home --shell /bin/bash editor
`;

/** The image of the emulated Mac: our PostgreSQL 13 with another order of text, and an SSH server. */
export async function macImage(): Promise<string> {
  const dockerfile = `FROM ${await builtImage(13)}\n${recipe}`;
  const hash = createHash("sha256").update(dockerfile).digest("hex").slice(0, 12);
  const tag = `laterbase/test-mac:${hash}`;
  const known = await connect()
    .getImage(tag)
    .inspect()
    .catch(() => undefined);
  if (known) return tag;
  await ok("docker", ["build", "-q", "-t", tag, "-"], {
    input: dockerfile,
    env: { DOCKER_BUILDKIT: "0" },
  });
  return tag;
}
