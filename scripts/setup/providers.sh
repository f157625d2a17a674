# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared by the files that are sourced together
# The provider plugins: the official ones, or our embedded ones in a Pulumi home of their own, so
# that no other project of the user finds them.

need_providers() {
  local user_home=${LATERBASE_USER_PULUMI_HOME:-${PULUMI_HOME:-$HOME/.pulumi}} wanted=${LATERBASE_PROVIDERS:-auto}
  # Remembered for scripts that we start, which find our own home in PULUMI_HOME.
  export LATERBASE_USER_PULUMI_HOME=$user_home
  case $wanted in
    auto | official)
      if has_plugins "$user_home"; then
        use_official "$user_home" "official"
        return 0
      fi
      # The embedded plugins exist, so the network did not answer before. It is not asked again.
      if [ "$wanted" = auto ] && [ -d "$(embedded_home)/plugins" ]; then
        use_embedded "official plugins not reachable"
      elif install_official_plugins "$user_home"; then
        use_official "$user_home" "official, downloaded"
      elif [ "$wanted" = official ]; then
        die "LATERBASE_PROVIDERS=official, and $user_home/plugins lacks one of $(plugin_names | paste -sd ' ' -), and they cannot be downloaded: install them with 'pulumi plugin install resource <name> <version>', or set LATERBASE_PROVIDERS=embedded."
      else
        use_embedded "official plugins not reachable"
      fi
      ;;
    embedded) use_embedded "LATERBASE_PROVIDERS" ;;
    *) die "LATERBASE_PROVIDERS=$wanted is invalid: set it to official or embedded, or leave it unset." ;;
  esac
}

# "docker 5.2.0": the plugin's version must equal its npm package's.
plugin_names() {
  local package name
  for name in docker command random; do
    package=$root/node_modules/@pulumi/$name/package.json
    [ -f "$package" ] || die "$package is missing: run 'npm ci --ignore-scripts'."
    printf '%s %s\n' "$name" "$(sed -n 's/^ *"version": *"v\{0,1\}\([^"]*\)".*/\1/p' "$package" | head -n 1)"
  done
}

has_plugins() { # <pulumi home>
  local name version folder
  while read -r name version; do
    folder=$1/plugins/resource-$name-v$version
    # Pulumi marks a download that has not ended with this file.
    [ -x "$folder/pulumi-resource-$name" ] && [ ! -e "$folder.partial" ] || return 1
  done < <(plugin_names)
}

install_official_plugins() { # <pulumi home>
  local name version system=linux machine=amd64 address=https://get.pulumi.com/releases/plugins
  [ "$(uname -s)" != Darwin ] || system=darwin
  case $(uname -m) in aarch64 | arm64) machine=arm64 ;; esac
  while read -r name version; do
    reachable "$address/pulumi-resource-$name-v$version-$system-$machine.tar.gz" || return 1
  done < <(plugin_names)
  while read -r name version; do
    PULUMI_HOME=$1 long "downloading the provider plugin $name $version" \
      pulumi plugin install resource "$name" "$version" </dev/null || return 1
  done < <(plugin_names)
  has_plugins "$1"
}

use_official() { # <pulumi home> <report>
  export PULUMI_HOME=$1
  unset PULUMI_DISABLE_REGISTRY_RESOLVE
  providers_report="providers: $2"
}

use_embedded() { # <reason>
  local home new
  home=$(embedded_home)
  if [ ! -d "$home/plugins" ]; then
    new=$home.new.$$
    if ! { long "building the embedded providers" node "$root/scripts/providers/build.mjs" "$new/plugins" &&
      has_plugins "$new"; }; then
      rm -rf "$new"
      die "the embedded providers could not be built."
    fi
    # Published by rename, because another run may do the same at the same time.
    mv "$new" "$home" 2>/dev/null || rm -rf "$new"
    remove_old_homes
  fi
  touch "$home"
  keep_no_logs "$home"
  # The user's login to Pulumi also applies when the plugins are in our home.
  export PULUMI_CREDENTIALS_PATH=${PULUMI_CREDENTIALS_PATH:-$LATERBASE_USER_PULUMI_HOME}
  export PULUMI_HOME=$home PULUMI_DISABLE_REGISTRY_RESOLVE=true
  providers_report="providers: embedded ($1)"
}

# The CLI writes a log of each run, with every property of every resource in it. That takes a sixth of a preview, and
# half a gigabyte in time. No setting turns it off, but the CLI goes on without it where its folder is a file.
keep_no_logs() { # <pulumi home>
  [ -f "$1/logs" ] || { rm -rf "$1/logs" && : >"$1/logs"; } || true
}

# The home's name has a hash of the sources, so that two checkouts do not overwrite each other's.
embedded_home() {
  local hash
  hash=$(cd "$root" && { provider_sources | xargs cat; cat package-lock.json; } | sha256)
  printf '%s/pulumi-home/%.12s' "$cache_dir" "$hash"
}

# The files of ours that the embedded providers are built from. A test compares them with what
# esbuild bundles.
provider_sources() {
  (cd "$root" && find scripts/providers scripts/engine scripts/patches contract -type f 2>/dev/null | LC_ALL=C sort)
}

remove_old_homes() {
  find "$cache_dir/pulumi-home" -mindepth 1 -maxdepth 1 -mtime +30 -exec rm -rf {} + 2>/dev/null || true
}
