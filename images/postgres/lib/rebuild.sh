# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared by the files that are sourced together
# A rebuild: a person asks for a new clone of a standby. The request is a file on the data volume, so that
# it survives a restart of the container. A clone that is put in place removes it.

# It holds keep or discard. Of a person's request it says also what the server was by then: `promoted` is keep, and
# `discard-standby` is discard. A server that is promoted later keeps its data.
REBUILD=$VOLUME/rebuild

rebuild_wanted() { [[ -e $REBUILD ]]; }

# rebuild_discards: the data here must not be served again.
rebuild_discards() { [[ $(cat "$REBUILD" 2>/dev/null) == discard* ]]; }

# promoted: a person promoted the server here, so its data may hold rows that exist nowhere else.
promoted() { [[ -d $PGDATA && ! -e $PGDATA/standby.signal ]]; }

# ask_for_rebuild keep|discard
ask_for_rebuild() {
  local how=$1
  if [[ $how == keep ]] && promoted; then how=promoted; fi
  if [[ $how == discard ]] && ! promoted; then how=discard-standby; fi
  rm -f "$RUN/clone-failures"
  printf '%s\n' "$how" >"$REBUILD.new"
  sync "$REBUILD.new"
  mv -f "$REBUILD.new" "$REBUILD"
  sync "$VOLUME"
}

# clone_failures: how many attempts failed since the request.
clone_failures() { wc -l 2>/dev/null <"$RUN/clone-failures" || echo 0; }

# rebuild: makes the new clone. The data here may belong to another cluster than the primary's, and are not
# compared with it.
rebuild() {
  local how=keep
  read -r how <"$REBUILD" || true
  if [[ $(cat "$PGDATA/PG_VERSION") != "$PG_MAJOR" ]]; then
    # The server here cannot read them. A restart before the clone is done brings them back.
    status recloning "a new clone was asked for; nobody can read the data of another major here"
    run rm -rf "$VOLUME/data.old"
    mv -T "$PGDATA" "$VOLUME/data.old"
    clone_until_done waiting
  elif [[ $how == discard* ]]; then
    status recloning "a new clone was asked for, and the data here are deleted as soon as the primary answers"
    ! server_alive || stop_following
    # Without a primary they are the only copy.
    await_primary waiting
    # A person may have asked more firmly meanwhile.
    read -r how <"$REBUILD" || true
    if ! rebuild_discards; then return 0; fi # a person asked for another one meanwhile
    stop_server
    if [[ $how == discard-standby ]] && promoted; then
      say "this server was promoted meanwhile: it keeps its data"
      rm -f "$REBUILD"
      return 0
    fi
    # A name that is never used: an interrupted deletion leaves nothing that looks like data.
    run rm -rf "$VOLUME/data.new" "$VOLUME/data.old"
    mv -T "$PGDATA" "$VOLUME/data.new"
    run rm -rf "$VOLUME/data.new"
    clone_until_done waiting
  else
    status recloning "a new clone was asked for; the data here answer reads until it is verified"
    stop_following
    clone_until_done recloning
    stop_server
  fi
  swap_in_clone
}
