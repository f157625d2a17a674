#!/usr/bin/env bash
# shellcheck disable=SC2154 # variables are shared by the files that are sourced together
# versitygw for Linux from its Go module, where its image cannot be pulled. Set-up sources it. The build of
# the image runs it, where no set-up came before.
if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  # shellcheck source=scripts/setup/lib.sh
  . "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
  # shellcheck source=scripts/setup/goModules.sh
  . "$(dirname "${BASH_SOURCE[0]}")/goModules.sh"
fi

# images/build/objectStore.ts looks for the same file.
versitygw_file() {
  local sum
  sum=$(sha256 "$root/images/objectStore/go.sum")
  printf '%s/versitygw/%.12s/versitygw' "$cache_dir" "$sum"
}

need_versitygw() {
  local file new version
  file=$(versitygw_file)
  [ ! -x "$file" ] || return 0
  have go || die "laterbase:objectStore needs the image versity/versitygw, which the engine cannot pull: give it access to a registry, or install Go 1.25 or newer to have the program built from Go modules."
  go_modules_reachable || die "laterbase:objectStore needs the image versity/versitygw, which the engine cannot pull, and Go's module proxy $(go env GOPROXY) does not answer: give one of them access."
  new=${file%/*}/new.$$/versitygw
  mkdir -p "${new%/*}"
  version=$(sed -n 's/^require github.com\/versity\/versitygw v//p' "$root/images/objectStore/go.mod")
  GOOS=linux go_build images/objectStore "$new" github.com/versity/versitygw/cmd/versitygw "main.Version=$version" ||
    die "versitygw could not be built with $(go version): its output is above."
  # Published by rename, so that a run beside this one never sees half of it.
  mv "$new" "$file" && rm -rf "${new%/*}"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then need_versitygw; fi
