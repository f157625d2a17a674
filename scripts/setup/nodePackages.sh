# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared by the files that are sourced together
# Node.js, and the packages of package-lock.json in exactly its versions.

need_node_packages() {
  need_node
  if have_node_packages; then return 0; fi
  install_node_packages
  sha256 <"$root/package-lock.json" >"$root/node_modules/.laterbase-lock"
}

have_node_packages() {
  local stamp=$root/node_modules/.laterbase-lock
  if [ -f "$stamp" ]; then
    [ "$(<"$stamp")" = "$(sha256 <"$root/package-lock.json")" ]
  else
    # Installed by hand after the lock file last changed: npm writes this file last.
    [ "$root/node_modules/.package-lock.json" -nt "$root/package-lock.json" ]
  fi
}

install_node_packages() {
  have npm || die "npm is missing: it comes with Node.js (https://nodejs.org)."
  use_registry
  # npm itself may run on an older Node, which it would say for each package that wants a newer one.
  # No install scripts: one of them would fetch a Pulumi plugin, and none is needed.
  (cd "$root" && long "installing the Node packages" \
    npm ci --ignore-scripts --no-audit --no-fund --loglevel error "$registry_flag") && return 0
  [ "$registry_flag" != --offline ] || die "the npm registry $registry does not answer, and npm's cache lacks packages: connect this machine to it, or set another with 'npm config set registry'."
  die "'npm ci' failed: its output is above."
}
