# shellcheck shell=bash
# A Debian base image made from the machine's own apt source, for engines that reach no registry.

# Leaves out what debian:<suite>-slim leaves out, now and in later installations.
slim_rules='path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/info/*
path-exclude /usr/share/lintian/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/man/*'

# Archives that apt on this machine reads, each once: never an address of our own.
apt_archives() {
  # shellcheck disable=SC2016 # apt fills these in
  apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
    awk '$2 == "main" && !seen[$1]++ { print $1 }'
}

# Prints "<archive> <suite>" for each archive that carries the suite, its updates or its security.
archives_of() { # <suite>
  local archive name
  for archive in $(apt_archives); do
    for name in "$1" "$1-updates" "$1-security"; do
      if reachable "${archive}dists/$name/InRelease"; then printf '%s %s\n' "$archive" "$name"; fi
    done
  done
}

make_base_tar() { # <suite> <file>
  local suite=$1 work archives archive
  archives=$(archives_of "$suite")
  archive=$(awk -v suite="$suite" '$2 == suite { print $1; exit }' <<<"$archives")
  if [ -z "$archive" ]; then
    echo "no apt source of this machine carries Debian $suite"
    return 1
  fi
  work=$(mktemp -d "${TMPDIR:-/var/tmp}/laterbase-$suite.XXXXXX")
  debootstrap --variant=minbase "$suite" "$work/root" "$archive" &&
    awk '{ print "deb", $1, $2, "main" }' <<<"$archives" >"$work/root/etc/apt/sources.list" &&
    finish_base "$work/root" &&
    tar --numeric-owner -C "$work/root" -cf "$2.new" . &&
    mv "$2.new" "$2"
  local status=$?
  rm -rf "$work"
  return "$status"
}

finish_base() { # <root>
  printf '%s\n' "$slim_rules" >"$1/etc/dpkg/dpkg.cfg.d/docker" &&
    printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d" && chmod 0755 "$1/usr/sbin/policy-rc.d" &&
    find "$1/usr/share/doc" -depth -type f ! -name copyright -delete &&
    (cd "$1" && rm -rf usr/share/{info,lintian,locale,man}/* var/cache/apt/archives/*.deb \
      var/lib/apt/lists/* var/log/* dev/*)
}
