# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared by the files that are sourced together
# A Node.js that this project runs on: the user's, or the one that images/build/node.json pins, from
# npm's registry. The pinned one is put first on PATH, so everything that we start runs on it.

# Tests of components make many objects that live for a moment: a larger young generation (V8's default is 16 MB)
# collects them more rarely.
jest_node_options=--max-semi-space-size=64

node_minimum=22.12
node_dir=$cache_dir/node

need_node() {
  local version bin
  # Node keeps what it compiled there, so a run of Pulumi starts sooner and takes a tenth less of the processor.
  export NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-$cache_dir/compiled}
  have node || die "Node.js is missing: install version $node_minimum or newer, with npm (https://nodejs.org)."
  version=$(node --version)
  version=${version#v}
  if at_least "$version" "$node_minimum"; then
    node_report="node $version"
    follow_contexts "$version"
    return 0
  fi
  read_node_pin "$version"
  bin=$node_dir/$node_package-$node_version/bin
  [ -x "$bin/node" ] || bring_node "$version"
  export PATH=$bin:$PATH
  node_report="node $node_version (the one on PATH is $version)"
  follow_contexts "$node_version"
}

# From Node 24 on, Pulumi's contexts cost no hook for each promise. The option does the same before, and saves unit tests a
# quarter of their time.
follow_contexts() { # <version>
  case $1 in 22.* | 23.*) jest_node_options+=' --experimental-async-context-frame' ;; esac
}

at_least() { # <version> <minimum, of two numbers>
  local major minor want_major want_minor
  IFS=. read -r major minor _ <<<"$1"
  IFS=. read -r want_major want_minor _ <<<"$2"
  [ "$major" -gt "$want_major" ] || { [ "$major" -eq "$want_major" ] && [ "${minor%%[!0-9]*}" -ge "$want_minor" ]; }
}

# Sets the pinned package, version and checksum of this machine's system.
read_node_pin() { # <version on PATH>
  local system=linux machine=x64 pin
  case $(uname -s) in Darwin) system=darwin ;; esac
  case $(uname -m) in aarch64 | arm64) machine=arm64 ;; esac
  pin=$(sed -n "/\"$system-$machine\"/,/}/s/^ *\"\\([a-z]*\\)\": *\"\\([^\"]*\\)\".*/\\1 \\2/p" "$root/images/build/node.json")
  node_package=$(sed -n 's/^package //p' <<<"$pin")
  node_version=$(sed -n 's/^version //p' <<<"$pin")
  node_integrity=$(sed -n 's/^integrity //p' <<<"$pin")
}

bring_node() { # <version on PATH>
  local published=$node_dir/$node_package-$node_version new=$node_dir/new.$$
  local tar=$published.tgz need="this needs Node.js $node_minimum or newer, and $1 is on PATH"
  have npm || die "$need: install a newer one (https://nodejs.org), or npm, which downloads it."
  rm -rf "$new" && mkdir -p "$new/bin"
  # The images' builds use the same file.
  if [ ! -f "$tar" ]; then
    pack_node "$new" || { rm -rf "$new"; die "$need: npm cannot get $node_package $node_version from $registry, so install a newer one (https://nodejs.org)."; }
    if [ "$(integrity_of "$new/${tar##*/}")" != "$node_integrity" ]; then
      rm -rf "$new"
      die "$need: $registry has another content for $node_package $node_version than the pinned one, so install a newer one (https://nodejs.org)."
    fi
    mv "$new/${tar##*/}" "$tar"
  fi
  { tar -xzf "$tar" -C "$new/bin" --strip-components=2 package/bin/node && write_npm "$new/bin"; } ||
    die "$tar cannot be unpacked: delete it and run this again."
  # Published by rename, because another run may do the same at the same time.
  mv "$new" "$published" 2>/dev/null || rm -rf "$new"
}

pack_node() { # <folder>
  use_registry
  # Old versions of npm can pack into the current folder only.
  (cd "$1" && long "getting Node.js $node_version from npm's registry" \
    npm pack "$node_package@$node_version" --silent "$registry_flag")
}

# npm retries an unreachable registry for minutes.
use_registry() {
  registry=$(cd "$root" && npm config get registry)
  registry_flag=--prefer-offline
  answers "$registry" || registry_flag=--offline
}

integrity_of() { # <file>
  printf sha512-
  node -p 'require("crypto").createHash("sha512").update(require("fs").readFileSync(process.argv[1])).digest("base64")' "$1"
}

# Debian's npm runs on Debian's own Node only, so npm stays on the Node that it came with.
write_npm() { # <folder>
  cat >"$1/npm" <<'SCRIPT' && chmod 0755 "$1/npm"
#!/bin/sh
# The machine's own npm, on its own Node: the first one on PATH that is not in this folder.
here=$(cd "$(dirname "$0")" && pwd)
PATH=$(printf '%s' "$PATH" | tr : '\n' | grep -vxF "$here" | paste -sd : -)
exec npm "$@"
SCRIPT
}
