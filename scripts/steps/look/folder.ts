import { posix } from "node:path";
import type Docker from "dockerode";
import { visible } from "../../../contract/visible";
import { runAsRoot } from "../../engine/rootScript";

/**
 * Does in the folder what a dump does first. The agent takes a folder over as root where it can; where not, its
 * own user has to be able to write there. Nothing stays. Prints what cannot be done.
 */
export const folderTrial = `set -u
folder=$1
if [ ! -d "$folder" ]; then echo "is not a folder"; exit; fi
if [ "$2" = above ]; then
  case $(stat -f -c %T "$folder") in
    proc | sysfs | cgroup* | devpts | debugfs | tracefs | securityfs | bpf_fs | pstorefs | efivarfs)
      echo "cannot be made, because the folder above it is the kernel's"
      exit ;;
  esac
  [ -w "$folder" ] || echo "cannot be made, because the folder above it cannot be written"
  exit
fi
work='made=$(mktemp -d "$1/.laterbase-XXXXXX") || exit 1
trap "rm -rf \\"$made\\"" EXIT
[ "$2" = user ] || chown 999 "$made" || exit 1
echo laterbase >"$made/a" && sync "$made/a" && mv "$made/a" "$made/b"'
bash -c "$work" bash "$folder" root 2>/dev/null && exit
group=$(stat -c %g "$folder") || group=999
said=$(setpriv --reuid 999 --regid "$group" --clear-groups --inh-caps=-all bash -c "$work" bash "$folder" user 2>&1) && exit
echo "cannot be written by the agent, whose user is 999 (\${said##*: })"`;

/**
 * What keeps a folder of the engine's machine from holding dumps, as the end of a sentence; undefined when
 * nothing does. Docker makes a folder that is missing, so the next one above it counts then.
 */
export async function folderFault(
  engine: Docker,
  image: string,
  folder: string,
): Promise<string | undefined> {
  for (let place = folder; ; place = posix.dirname(place)) {
    const mounts = [{ folder: place, target: "/folder" }];
    const words = ["/folder", place === folder ? "it" : "above"];
    const capabilities = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"];
    try {
      const said = await runAsRoot(engine, {
        image,
        script: folderTrial,
        words,
        mounts,
        capabilities,
      });
      const [line = ""] = said.stdout.trim().split("\n");
      if (line === "") return undefined;
      return place === folder || line !== "is not a folder"
        ? visible(line)
        : `cannot be made, because ${visible(place)} is not a folder`;
    } catch (error) {
      // The engine refuses a mount whose source does not exist.
      if ((error as { statusCode?: number }).statusCode !== 400 || place === "/") throw error;
    }
  }
}
