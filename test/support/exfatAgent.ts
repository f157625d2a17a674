import { createHash } from "node:crypto";
import { agentImage } from "../../images/build/agent";
import { connect } from "../../scripts/engine/connect";
import { builtImage } from "./builtImage";
import { build } from "./imageLab";
import { ok } from "./process";

// exFAT by its FUSE program, because not every kernel has it. The loop device goes with the mount.
const start = `#!/bin/bash
set -e
truncate -s 300M /exfat.img
mkfs.exfat /exfat.img >/dev/null
read -r loop _ < <(losetup -f)
[[ -e $loop ]] || mknod "$loop" b 7 "\${loop#/dev/loop}"
losetup "$loop" /exfat.img
mount.exfat-fuse -o "allow_other,$EXFAT" "$loop" /backups >/dev/null
losetup -d "$loop"
cd /backups
exec laterbase-agent "$@"
`;

const recipe = `
USER root
RUN apt-get update -qq && \\
    apt-get install -y -qq --no-install-recommends exfat-fuse exfatprogs >/dev/null && \\
    rm -rf /var/lib/apt/lists/*
RUN echo ${Buffer.from(start).toString("base64")} | base64 -d >/usr/local/bin/exfat-agent && \\
    chmod 0755 /usr/local/bin/exfat-agent
ENTRYPOINT ["exfat-agent"]
`;

const device = (path: string) => ({
  PathOnHost: path,
  PathInContainer: path,
  CgroupPermissions: "rwm",
});

/** What the container needs to mount it. */
export const mountsExfat = {
  CapAdd: ["SYS_ADMIN"],
  SecurityOpt: ["apparmor=unconfined"],
  Devices: ["/dev/fuse", "/dev/loop-control"].map(device),
  DeviceCgroupRules: ["b 7:* rwm"],
};

/** The agent's image, with an exFAT file system below /backups. */
export async function exfatAgent(major: number): Promise<string> {
  await build(major);
  const agent = await builtImage(connect(), agentImage(major));
  const dockerfile = `FROM ${agent}\n${recipe}`;
  const hash = createHash("sha256").update(dockerfile).digest("hex").slice(0, 12);
  const tag = `laterbase/test-exfat:${hash}`;
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
