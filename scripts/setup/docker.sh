# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared by the files that are sourced together
# A Docker engine: the one that answers, or Debian's own, installed and started by root.

engine() { node "$root/scripts/setup/engine.mjs" "$@"; }

need_docker() {
  local answer
  if answer=$(engine ping 2>/dev/null); then
    :
  elif [ -n "${DOCKER_HOST:-}" ]; then
    # The user named an engine: another one would be the wrong one.
    answer=$(engine ping 2>&1) || die "DOCKER_HOST=$DOCKER_HOST does not answer: ${answer##*$'\n'}"
  elif use_docker_context; then
    answer=$(engine ping)
  else
    start_engine
    answer=$(engine ping)
  fi
  engine_arch=${answer#* }
  docker_report="docker ${answer%% *}"
  docker_report="${docker_report%+dfsg*} (${DOCKER_HOST:-local engine})"
}

# Docker Desktop, Colima and rootless engines listen elsewhere and say where in Docker's context.
use_docker_context() {
  local host
  have docker || return 1
  host=$(docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null) || return 1
  [ -n "$host" ] && [ "$host" != unix:///var/run/docker.sock ] || return 1
  engine --host "$host" ping >/dev/null 2>&1 || return 1
  export DOCKER_HOST=$host
}

start_engine() {
  local how="install Docker Engine (https://docs.docker.com/engine/install/), or point DOCKER_HOST at an engine"
  if ! is_root; then
    if [ -S /var/run/docker.sock ] && [ ! -w /var/run/docker.sock ]; then
      die "the Docker engine refuses this user: sudo usermod -aG docker $(id -un), then log in again."
    fi
    if have dockerd; then die "Docker is installed and does not answer: sudo systemctl start docker."; fi
    die "no Docker engine answers: $how."
  fi
  if ! have dockerd; then
    have apt-get || die "no Docker engine answers: $how."
    apt_install docker.io iptables ca-certificates || die "Docker could not be installed by apt: $how."
  fi
  start_dockerd
}

start_dockerd() {
  local log=$cache_dir/dockerd.log
  if [ -d /run/systemd/system ]; then
    systemctl start docker || die "'systemctl start docker' failed: see 'journalctl -u docker'."
  else
    mkdir -p "$cache_dir"
    remove_stale_pid /var/run/docker.pid
    # A session of its own, so that closing this terminal does not stop the databases.
    setsid dockerd >>"$log" 2>&1 </dev/null &
    dockerd_pid=$!
  fi
  long "waiting for the Docker engine" wait_for_engine 60 "${dockerd_pid:-}" || {
    if [ -f "$log" ]; then tail -n 20 "$log" >&2; fi
    die "dockerd does not answer: its output is above and in $log."
  }
}

wait_for_engine() { # <seconds> [dockerd's process]
  local deadline=$((SECONDS + $1))
  until engine ping; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    # A dockerd that has ended will not answer.
    [ -z "${2:-}" ] || kill -0 "$2" 2>/dev/null || return 1
    sleep 1
  done
}

# A killed dockerd leaves this file. The next one refuses to start while any process has the number in
# it. The file of a running dockerd stays.
remove_stale_pid() { # <file>
  local pid
  [ -f "$1" ] || return 0
  pid=$(tr -dc 0-9 <"$1")
  if [ -n "$pid" ] && is_living_dockerd "$pid"; then return 0; fi
  rm -f "$1"
}

is_living_dockerd() { # <pid>
  local proc=${LATERBASE_PROC:-/proc}/$1
  [ "$(cat "$proc/comm" 2>/dev/null)" = dockerd ] && ! grep -q '^State:[[:space:]]*Z' "$proc/status"
}
