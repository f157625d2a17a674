import { createHash } from "node:crypto";
import { connect } from "../../scripts/engine/connect";
import { ok } from "./process";
import { builtImage } from "./primaryServer";

/** The folder of the emulated Mac's locales. LOCPATH names it. */
export const macLocales = "/opt/mac/locale";

// A Mac sorts by code point, because LC_COLLATE of most of its locales is the one of ASCII, and it records
// no version of a collation. localedef would lose code points beyond 16 bits, so LC_COLLATE is the
// standby's own file. The test compares its order with PostgreSQL's "C". A login by SSH has no psql on its
// PATH.
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

/** The image of the emulated Mac: our PostgreSQL 13 with another collation, and an SSH server. */
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
