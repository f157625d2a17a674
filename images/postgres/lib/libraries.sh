# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153 # state is shared between the files of one process
# Libraries that the primary loads at login and this image does not have. What ALTER DATABASE and ALTER ROLE
# set is replicated, and a server refuses a login for which it does not find a library. So this server finds one
# that does nothing under that name, and the status says which ones it does not load.

LIBDIR=/usr/lib/postgresql/$PG_MAJOR/lib
STAND_INS=$RUN/libraries # dynamic_library_path ends with it
PLUGINS=$RUN/plugins     # $libdir/plugins is a link to it: local_preload_libraries come from there
EMPTY=$LIBDIR/euc2004_sjis2004.so # it has the functions of a conversion, and does nothing when it is loaded

# The libraries, such as `session_preload_libraries/pg_stat_monitor`, as one text. A path leads to one place
# only, where nothing can be put, so there are only plain names.
PRELOADS="SELECT pg_catalog.string_agg(DISTINCT kind || '/' || library, ' ')
  FROM pg_catalog.pg_db_role_setting s CROSS JOIN pg_catalog.unnest(s.setconfig) AS setting
  CROSS JOIN pg_catalog.split_part(setting, '=', 1) AS kind
  CROSS JOIN pg_catalog.regexp_split_to_table(
    pg_catalog.substr(setting, pg_catalog.strpos(setting, '=') + 1), '[,\" ]+') AS library
 WHERE kind IN ('session_preload_libraries', 'local_preload_libraries')
   AND library ~ '^[A-Za-z0-9_][A-Za-z0-9_.-]*\$'"

# stand_in LIBRARY…: puts a library that does nothing in the place of each that is missing. Sets NOT_LOADED to
# their names.
stand_in() {
  local library path names=()
  for library; do
    path=$STAND_INS
    [[ $library != local_* ]] || path=$PLUGINS
    library=${library#*/}
    [[ $path == "$PLUGINS" || ! -e $LIBDIR/${library%.so}.so ]] || continue
    path+=/${library%.so}.so
    [[ -e $path ]] || { mkdir -p "${path%/*}" && ln -sf "$EMPTY" "$path"; }
    names+=("$library")
  done
  printf -v NOT_LOADED '%s, ' "${names[@]}"
  NOT_LOADED=${NOT_LOADED%, }
}

# read_libraries_note: sets LIBRARIES_NOTE, which follows every `running` status.
read_libraries_note() {
  LIBRARIES_NOTE=${NOT_LOADED:+; logins here do not load $NOT_LOADED, which this image does not have}
}
