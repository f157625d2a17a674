#!/usr/bin/env bash
# Makes a machine ready, from whatever is there; does nothing, quickly, when it is. Sourced by the
# scripts (for what it exports); run by hand it says what it found, and with --env prints the exports.
# shellcheck source=scripts/setup/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
here=$root/scripts/setup
# shellcheck source=scripts/setup/node.sh
. "$here/node.sh"
# shellcheck source=scripts/setup/nodePackages.sh
. "$here/nodePackages.sh"
# shellcheck source=scripts/setup/docker.sh
. "$here/docker.sh"
# shellcheck source=scripts/setup/goModules.sh
. "$here/goModules.sh"
# shellcheck source=scripts/setup/pulumiCli.sh
. "$here/pulumiCli.sh"
# shellcheck source=scripts/setup/providers.sh
. "$here/providers.sh"
# shellcheck source=scripts/setup/debootstrap.sh
. "$here/debootstrap.sh"
# shellcheck source=scripts/setup/baseImages.sh
. "$here/baseImages.sh"
# shellcheck source=scripts/setup/objectStore.sh
. "$here/objectStore.sh"
# shellcheck source=scripts/setup/state.sh
. "$here/state.sh"

set_up() { # <stack> [more suites…]
  take_turn
  need_tools "$1"
  need_docker
  need_images "$@"
  end_turn
}

# Two runs on a new machine would build and install the same things over each other: the second
# waits. The number in the lock tells whether the first is still running.
take_turn() {
  local holder said=
  turn=$cache_dir/setup.lock
  mkdir -p "$cache_dir"
  until mkdir "$turn" 2>/dev/null; do
    holder=$(cat "$turn/pid" 2>/dev/null) || holder=
    if is_over "$holder"; then
      rm -rf "$turn"
      continue
    fi
    [ -n "$said" ] || say "waiting for another set-up (process ${holder:-?})"
    said=yes
    sleep 1
  done
  printf '%s' $$ >"$turn/pid"
}

is_over() { # <process of the holder; empty: it died, or is just about to write it>
  if [ -z "$1" ]; then [ -n "$(find "$turn" -maxdepth 0 -mmin +1 2>/dev/null)" ]; return; fi
  case $(ps -o comm= -p "$1" 2>/dev/null) in
    *bash | *.sh | run) return 1 ;;
    *) return 0 ;; # none, or another that has got its number
  esac
}

end_turn() { rm -rf "$turn"; }

# What every Pulumi command needs; engine and images only matter where containers are made.
need_tools() { # <stack>
  need_node_packages
  need_pulumi
  need_providers
  need_state "$1"
}

need_images() { # <stack> [more suites…]
  local stack=$1 needs engines suites pushed
  shift
  say_own_keys
  needs=$(needs_of "$stack")
  engines=$(sed -n 's/^engine //p' <<<"$needs")
  suites=$(sed -n 's/^suite //p' <<<"$needs")
  # The program warns about secrets among them. They are names of keys, not values.
  LATERBASE_PLAIN_KEYS=$(sed -n 's/^plain //p' <<<"$needs")
  export LATERBASE_PLAIN_KEYS
  pushed=''
  if grep -q '^images pushed$' <<<"$needs"; then pushed=yes; fi
  # shellcheck disable=SC2046,SC2086 # one word a suite
  need_base_images "$stack" "$engines" $(printf '%s\n' $suites "$@" | awk '!seen[$0]++')
  if [ -n "${LATERBASE_STAND_INS:-}" ] && [ -z "$pushed" ] && grep -q '^service objectStore$' <<<"$needs"; then
    need_versitygw
  fi
}

# Reading YAML takes a Node start: the answer is kept for each content of the file.
needs_of() { # <stack>
  local file=$root/Pulumi.${1##*/}.yaml note
  [ "$1" != dev ] || file=$stack_file
  [ -f "$file" ] || die "there is no stack file ${file#"$root/"}."
  note=$cache_dir/needs/$(cat "$file" "$here/stackFile.mjs" | sha256 | cut -c 1-16)
  if [ ! -f "$note" ]; then
    mkdir -p "${note%/*}"
    node "$root/scripts/setup/stackFile.mjs" needs "$file" >"$note.$$" || die "${file#"$root/"} cannot be read."
    mv "$note.$$" "$note"
  fi
  cat "$note"
}

report() {
  local services='Ofelia, Duplicati, pgAdmin: their own images'
  [ -z "${LATERBASE_STAND_INS:-}" ] || services='Ofelia, Duplicati: stand-ins of ours · pgAdmin: from PyPI'
  say "laterbase: $node_report · $docker_report · $pulumi_report · $providers_report · $base_report · $services"
}

print_exports() {
  local name
  for name in PATH NODE_COMPILE_CACHE DOCKER_HOST PULUMI_HOME PULUMI_CREDENTIALS_PATH PULUMI_BACKEND_URL \
    PULUMI_CONFIG_PASSPHRASE_FILE PULUMI_SKIP_UPDATE_CHECK PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION \
    PULUMI_DISABLE_REGISTRY_RESOLVE LATERBASE_BASE_REPOSITORY LATERBASE_STAND_INS LATERBASE_USER_PULUMI_HOME; do
    [ -z "${!name:-}" ] || printf 'export %s=%q\n' "$name" "${!name}"
  done
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  case ${1:-} in
    '') set_up dev && report ;;
    --env)
      say_fd=2
      set_up dev
      report
      print_exports
      ;;
    *) usage_error "setup.sh takes nothing or --env, not '$1'." ;;
  esac
fi
