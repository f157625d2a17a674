# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared by the files that are sourced together
# Node 20 or newer, and the packages of package-lock.json in exactly its versions.

need_node_packages() {
  local version lock stamp=$root/node_modules/.laterbase-lock
  have node || die "Node.js is missing: install version 20 or newer (https://nodejs.org)."
  version=$(node --version)
  version=${version#v}
  [ "${version%%.*}" -ge 20 ] || die "Node.js $version is too old: install version 20 or newer (https://nodejs.org)."
  node_report="node $version"

  lock=$(sha256 <"$root/package-lock.json")
  if [ -f "$stamp" ] && [ "$(<"$stamp")" = "$lock" ]; then return 0; fi
  # Installed by hand after the lock file last changed: npm writes this file last.
  if [ ! -f "$stamp" ] && [ "$root/node_modules/.package-lock.json" -nt "$root/package-lock.json" ]; then return 0; fi
  install_node_packages
  printf '%s' "$lock" >"$stamp"
}

install_node_packages() {
  have npm || die "npm is missing: it comes with Node.js (https://nodejs.org)."
  local registry source=(--prefer-offline)
  registry=$(cd "$root" && npm config get registry)
  # npm itself would try an unreachable registry for minutes.
  answers "$registry" || source=(--offline)
  # No install scripts: one of them would fetch a Pulumi plugin, and none is needed.
  (cd "$root" && long "installing the Node packages" \
    npm ci --ignore-scripts --no-audit --no-fund "${source[@]}") && return 0
  [ "${source[0]}" != --offline ] || die "the npm registry $registry does not answer, and npm's cache lacks packages: connect this machine to it, or set another with 'npm config set registry'."
  die "'npm ci' failed: its words are above."
}
