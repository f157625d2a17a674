#!/usr/bin/env bash
# extensions.sh look    <major> <name>…   prints a line for each name that cannot be had, and changes nothing
# extensions.sh install <major> <name>…   installs their packages
# A name is what comes after postgresql-<major>- in the name of a package of the suite, with or without the number at
# its end: postgis is postgresql-17-postgis-3. PGDG's packages count where the image has that source.
# It prints the suite, and a line: missing <name> <package that has a similar name>…   or: contained <name>
set -euo pipefail

mode=$1 major=$2
shift 2
export DEBIAN_FRONTEND=noninteractive
list=/usr/local/lib/laterbase/extensions # <name> <package> <extension>…
controls=/usr/share/postgresql/$major/extension
# shellcheck source=/dev/null
source /etc/os-release

package_of() { # package_of NAME: the exact one first, then the highest number
  local wanted=postgresql-$major-${1//_/-}
  apt-cache pkgnames "$wanted" | grep -xE "${wanted//[.+]/\\&}(-[0-9.]+)?" | sort -V | awk -v exact="$wanted" \
    '$0 == exact { found = $0; exit } { last = $0 } END { print found ? found : last }'
}

similar() { # similar NAME: names of packages that contain it
  local word=${1//_/-}
  word=${word#pg-}
  apt-cache pkgnames "postgresql-$major-" | sed "s/^postgresql-$major-//" | grep -F -- "$word" | sort | head -n 3 | tr '\n' ' '
}

look() {
  local name
  echo "suite $VERSION_CODENAME"
  for name; do
    if [[ -n $(package_of "$name") ]]; then continue; fi
    if [[ -e $controls/$name.control ]] && ! grep -qsw -- "$name" "$list"; then
      echo "contained $name"
    else
      echo "missing $name $(similar "$name")"
    fi
  done
}

install_all() {
  local refused name package packages=()
  refused=$(look "$@")
  if grep -qv '^suite ' <<<"$refused"; then
    grep -v '^suite ' <<<"$refused" | while read -r _ name _; do
      echo "laterbase:primary.extensions must name packages of Debian $VERSION_CODENAME; it has no postgresql-$major-${name//_/-}." >&2
    done
    exit 1
  fi
  for name; do packages+=("$(package_of "$name")"); done
  apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "${packages[@]}" >/dev/null
  : >"$list"
  for name; do
    package=$(package_of "$name")
    echo "$name $package $(extensions_of "$package")" >>"$list"
  done
  chmod 0644 "$list"
}

# PostGIS has its own in a package of scripts, and Debian links postgis.control to postgis-3.control.
extensions_of() { # extensions_of PACKAGE
  local files control
  files=$(dpkg -L "$1" "$1-scripts" 2>/dev/null) || files=$(dpkg -L "$1")
  for control in "$controls"/*.control; do
    if grep -qxF "$(readlink -f "$control")" <<<"$files"; then basename "$control" .control; fi
  done | tr '\n' ' '
}

if ! apt-get update -qq --error-on=any >/tmp/apt 2>&1; then
  echo "Debian's packages cannot be reached: $(grep -m 1 '^[EW]:' /tmp/apt || tail -n 1 /tmp/apt)" >&2
  exit 2
fi
case $mode in
  look) look "$@" ;;
  install)
    install_all "$@"
    apt-get clean
    rm -rf /var/lib/apt/lists/* /tmp/apt
    ;;
esac
