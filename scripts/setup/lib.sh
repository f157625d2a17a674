# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared by the files that are sourced together
# What the scripts share: paths, messages, downloads, waiting. It is sourced, not run.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache_dir=${XDG_CACHE_HOME:-$HOME/.cache}/laterbase
data_dir=${XDG_DATA_HOME:-$HOME/.local/share}/laterbase
probe_seconds=5
# `npm run pulumi -- stack output --json | jq` must read Pulumi's output only: that script sets this to 2.
say_fd=${say_fd:-1}

say() { printf '%s\n' "$*" >&"$say_fd"; }

die() {
  printf 'laterbase: %s\n' "$*" >&2
  exit 1
}

usage_error() {
  printf 'laterbase: %s\n' "$*" >&2
  exit 2
}

have() { command -v "$1" >/dev/null 2>&1; }

is_root() { [ "$(id -u)" = 0 ]; }

sha256() {
  if have sha256sum; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

# Runs a command with its output in a log: a line now and then shows that it is running, and the log's end is
# shown only when it fails. Without a terminal the lines are few. Join its steps by &&: -e is off in here.
long() { # <what> <command…>
  local what=$1 log started=$SECONDS status=0 ticker tick=30 waits=0
  shift
  [ ! -t "$say_fd" ] || tick=5
  log=$(mktemp)
  say "$what"
  (
    echo >"$log.ready"
    # The sleep must not keep our output open when the ticker is killed; the ticker ends with us.
    while sleep "${LATERBASE_TICK:-$tick}" >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
      say "  $what: $((SECONDS - started)) s  $(tail -n 1 "$log" | tr -d '\r' | cut -c 1-80)"
    done
  ) &
  ticker=$!
  "$@" >"$log" 2>&1 || status=$?
  # A subshell that is ended before it has reset our traps would run the one at our end, which removes our files.
  until [ -s "$log.ready" ] || ! kill -0 "$ticker" 2>/dev/null || [ "$waits" -gt 50 ]; do
    sleep 0.1
    waits=$((waits + 1))
  done
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  if [ "$status" != 0 ]; then
    say "  $what: failed after $((SECONDS - started)) s; its output:"
    # Some tools print the cause first, others last.
    { if [ "$(wc -l <"$log")" -gt 30 ]; then head -n 10 "$log"; echo …; tail -n 20 "$log"; else cat "$log"; fi; } |
      sed 's/^/    /' >&"$say_fd"
  fi
  rm -f "$log" "$log.ready"
  return "$status"
}

# Succeeds when the address answers in time. A blocked network fails here and does not hang later.
reachable() { # <url>
  if have curl; then
    curl -fsIL -o /dev/null --max-time "$probe_seconds" "$1" 2>/dev/null
  else
    node -e 'fetch(process.argv[1], { method: "HEAD", signal: AbortSignal.timeout(process.argv[2] * 1000) })
      .then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))' "$1" "$probe_seconds"
  fi
}

# Succeeds for any answer, because a private registry may require a login.
answers() { # <url>
  if have curl; then
    curl -sI -o /dev/null --max-time "$probe_seconds" "$1" 2>/dev/null
  else
    # An old Node has no fetch.
    node -e 'const [, url, seconds] = process.argv;
      const request = require(url.split(":")[0]).request(url, { method: "HEAD" }, () => process.exit(0));
      request.on("error", () => process.exit(1));
      setTimeout(() => process.exit(1), seconds * 1000);
      request.end();' "$1" "$probe_seconds"
  fi
}

# A download that stalls for ten seconds fails.
download() { # <url> <file>
  if have curl; then
    curl -fsSL --connect-timeout "$probe_seconds" --speed-limit 1000 --speed-time 10 -o "$2" "$1"
  else
    node -e 'fetch(process.argv[1]).then(async (answer) => {
        if (!answer.ok) throw new Error(answer.statusText);
        await require("fs").promises.writeFile(process.argv[2], answer.body);
      }).catch((error) => { console.error(error.message); process.exit(1); })' "$1" "$2"
  fi
}

apt_lists_fresh=
# Installs what is missing where we are root on Debian or Ubuntu; any other user reads what to install.
apt_install() { # <package…>
  if ! is_root || ! have apt-get; then return 1; fi
  local quick=(-o Acquire::http::Timeout=5 -o Acquire::https::Timeout=5 -o DPkg::Lock::Timeout=120)
  if [ -z "$apt_lists_fresh" ]; then
    # One dead third-party source must not stop us: what counts is whether the package is found.
    long "refreshing apt's package lists" apt-get "${quick[@]}" -q update || true
    apt_lists_fresh=yes
  fi
  # RUNLEVEL=1: a package's own service is not started.
  long "installing $*" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get "${quick[@]}" -qy install --no-install-recommends "$@"
}
