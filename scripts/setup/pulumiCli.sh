# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared by the files that are sourced together
# The Pulumi CLI and its Node.js host: the user's, or the official download, or built from Go modules.

pulumi_version=3.259.0
pulumi_dir=$cache_dir/pulumi/$pulumi_version

need_pulumi() {
  local version
  if [ ! -x "$pulumi_dir/bin/pulumi" ] || [ ! -f "$pulumi_dir/how" ]; then
    if version=$(usable_pulumi_on_path); then
      pulumi_report="pulumi $version (on PATH)"
      return 0
    fi
    get_pulumi
  fi
  [ "$(<"$pulumi_dir/how")" = downloaded ] || start_host_with_options "$pulumi_dir/bin"
  export PATH=$pulumi_dir/bin:$PATH
  pulumi_report="pulumi $pulumi_version ($(<"$pulumi_dir/how"))"
}

# Prints the version when the CLI and the host are both there and new enough. Starting the CLI
# takes longer than everything else here, so its answer is kept until the file changes.
usable_pulumi_on_path() {
  local file identity note=$cache_dir/pulumi/on-path version
  file=$(command -v pulumi) && have pulumi-language-nodejs || return 1
  identity=$(ls -lLi "$file")
  if [ -f "$note" ] && [ "$(sed 1d "$note")" = "$identity" ]; then
    version=$(sed -n 1p "$note")
  else
    version=$(pulumi version 2>/dev/null) || return 1
    version=${version#v}
    mkdir -p "${note%/*}"
    printf '%s\n%s\n' "$version" "$identity" >"$note"
  fi
  at_least "$version" "$pulumi_version" && printf '%s' "$version"
}

get_pulumi() {
  local new=$pulumi_dir.new.$$ how left
  # What a set-up left that was ended. This one has its turn, so none of them runs.
  for left in "$pulumi_dir".new.*; do rm -rf "$left"; done
  mkdir -p "$new/bin"
  if reachable "$(pulumi_url)"; then
    how=downloaded
    long "downloading the Pulumi CLI $pulumi_version" download_pulumi "$new" || die "the download of the Pulumi CLI failed or does not match its published checksum."
  else
    how="built from Go modules"
    have go || die "the Pulumi CLI is missing and its download is not reachable: install it (https://www.pulumi.com/docs/install/), or install Go 1.25 or newer to have it built from Go modules."
    go_modules_reachable || die "the Pulumi CLI is missing, and neither its download nor Go's module proxy $(go env GOPROXY) answers: install it (https://www.pulumi.com/docs/install/)."
    build_pulumi "$new/bin" || die "the Pulumi CLI could not be built with $(go version): its output is above."
  fi
  printf '%s' "$how" >"$new/how"
  # Published by rename, so that a run beside this one never sees half of it.
  rm -rf "$pulumi_dir" && mv "$new" "$pulumi_dir"
}

pulumi_url() {
  local system=linux machine=x64
  [ "$(uname -s)" != Darwin ] || system=darwin
  case $(uname -m) in aarch64 | arm64) machine=arm64 ;; esac
  printf 'https://github.com/pulumi/pulumi/releases/download/v%s/pulumi-v%s-%s-%s.tar.gz' \
    "$pulumi_version" "$pulumi_version" "$system" "$machine"
}

download_pulumi() { # <directory>
  local url tar sums
  url=$(pulumi_url)
  tar=$1/${url##*/}
  sums=$1/checksums
  download "$url" "$tar" &&
    download "${url%/*}/pulumi-$pulumi_version-checksums.txt" "$sums" &&
    grep -q " ${tar##*/}\$" "$sums" &&
    (cd "$1" && grep " ${tar##*/}\$" checksums | sha256 -c -) &&
    tar -xzf "$tar" -C "$1/bin" --strip-components=1 &&
    rm -f "$tar" "$sums"
}

build_pulumi() { # <directory>
  local version=github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$pulumi_version
  go_build scripts/setup/pulumi-cli "$1/pulumi" github.com/pulumi/pulumi/pkg/v3/cmd/pulumi "$version" &&
    go_build scripts/setup/pulumi-language-nodejs "$1/pulumi-language-nodejs" \
      github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs "$version"
}

start_host_with_options() { # <directory>
  local host=$1/pulumi-language-nodejs script=$root/scripts/setup/pulumi-language-nodejs/host.sh
  # A set-up of an earlier version left the built one under this name.
  [ -e "$1/built-language-nodejs" ] || mv "$host" "$1/built-language-nodejs"
  if ! cmp -s "$script" "$host"; then
    cp "$script" "$host.new.$$" && mv "$host.new.$$" "$host"
  fi
}
