# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared by the files that are sourced together
# What our images are built on: debian:<suite>-slim where the engine reaches its registry, else
# laterbase/base:<suite> made by debootstrap, and then stand-ins for the services of others. The
# choice is kept for a stack: another base is another image, and that replaces containers.

need_base_images() { # <stack> <engines, one a line; an empty line is the default one> <suite…>
  local engines=$2 note=$data_dir/base-images/$1 way
  shift 2
  way=${LATERBASE_BASE_IMAGES:-}
  case ${LATERBASE_BASE_REPOSITORY:-} in
    '') ;;
    laterbase/base) way=debootstrap ;;
    *)
      base_report="base images: $LATERBASE_BASE_REPOSITORY (LATERBASE_BASE_REPOSITORY)"
      return 0
      ;;
  esac
  if [ -z "$way" ] && [ -f "$note" ]; then way=$(<"$note"); fi
  if [ -z "$way" ]; then
    way=registry
    engines_can_pull "$engines" "$@" || way=debootstrap
  fi
  case $way in
    registry) base_report="base images: debian (registry)" ;;
    debootstrap)
      # Engines that pull all images of ours build nothing on a base.
      [ -n "${pushed:-}" ] || import_missing_bases "$engines" "$@"
      export LATERBASE_BASE_REPOSITORY=laterbase/base LATERBASE_STAND_INS=yes
      base_report="base images: debootstrap (registry not reachable)"
      ;;
    *) die "LATERBASE_BASE_IMAGES=$way is invalid: set it to registry or debootstrap, or leave it unset." ;;
  esac
  if [ ! -f "$note" ] || [ "$(<"$note")" != "$way" ]; then
    mkdir -p "${note%/*}"
    printf '%s' "$way" >"$note"
  fi
}

# The engine is asked, not this machine: it is the one that pulls.
engines_can_pull() { # <engines> <suite…>
  local engines=$1 host suite missing
  shift
  while IFS= read -r host; do
    for suite in "$@"; do
      missing=$(engine --host "$host" missing "$(default_base "$suite")") || die "$missing"
      [ -z "$missing" ] || engine --host "$host" can-pull "debian:$suite-slim" 2>/dev/null || return 1
    done
  done <<<"$engines"
}

# The images' own pin, so that there is one.
default_base() { # <suite>
  local pin
  pin=$(grep -rhoE "debian:$1-slim@sha256:[0-9a-f]{64}" "$root/images" 2>/dev/null | head -n 1) || true
  printf '%s' "${pin:-debian:$1-slim}"
}

import_missing_bases() { # <engines> <suite…>
  local engines=$1 host suite missing
  shift
  while IFS= read -r host; do
    missing=$(engine --host "$host" missing "${@/#/laterbase/base:}") || die "the Docker engine ${host:-here} does not answer."
    for suite in $missing; do
      give_base "$host" "${suite#laterbase/base:}"
    done
  done <<<"$engines"
}

give_base() { # <engine> <suite>
  local image=laterbase/base:$2
  # Made once, for the default engine; the others get copies, so that all run the same base.
  if [ -n "$(engine missing "$image")" ]; then make_base "$2"; fi
  [ -n "$(engine --host "$1" missing "$image")" ] || return 0
  long "copying $image to $1" engine --host "$1" copy "$image" || die "$image could not be copied to $1."
}

make_base() { # <suite>
  local tar=$cache_dir/base-$1.tar arch
  if ! have debootstrap; then
    apt_install debootstrap || die "the engine reaches no registry, and debootstrap is missing: install it as root (apt-get install debootstrap), or set LATERBASE_BASE_REPOSITORY to a repository with the tag $1."
  fi
  is_root || die "the engine reaches no registry, and debootstrap needs root: run this once as root, or set LATERBASE_BASE_REPOSITORY to a repository with the tag $1."
  arch=$(dpkg --print-architecture)
  [ "$arch" = "$engine_arch" ] || die "the engine runs on $engine_arch and this machine on $arch, so debootstrap cannot make its base image. Give the engine access to a registry."
  mkdir -p "$cache_dir"
  long "making the base image of Debian $1" make_base_tar "$1" "$tar" ||
    die "debootstrap could not make Debian $1: its output is above."
  long "importing laterbase/base:$1" import_base "$1" "$tar" "$arch" || die "the engine refused laterbase/base:$1."
  rm -f "$tar"
}

import_base() { engine import "laterbase/base:$1" "$3" <"$2"; }
