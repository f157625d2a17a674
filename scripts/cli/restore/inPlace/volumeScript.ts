import { inPlaceFiles } from "../../../../contract/restoreInPlace";

const { live, restoring, before, leaving, kept, journal } = inPlaceFiles;

/**
 * What changes the volume of the primary's data. Each part can run again after it was killed anywhere: what was renamed
 * is seen, and a note comes before what it announces. Nothing here runs while a server has the volume, which its lock
 * says, except `look`, `note`, `clear` and `accept`: these leave the primary's data alone.
 */
export const volumeScript = `set -euo pipefail
umask 077
cd "$1"
shift

note() {
  printf '%s\\n' "$1" >${journal}.new
  sync ${journal}.new
  mv -fT ${journal}.new ${journal}
  sync .
}

lock() {
  exec 9>>.lock
  flock -w 5 9 || { echo "a server still uses the volume of the data" >&2; exit 75; }
}

directory() {
  if [ ! -d "$1" ]; then printf none; elif [ -e "$1/global/pg_control" ]; then printf whole; else printf half; fi
}

there() { if [ -e "$1" ]; then printf true; else printf false; fi; }

# The timeline that a server wrote last. Segments of a new one are there as soon as it is opened; pg_control
# has it only after a checkpoint.
timeline() { ls "$1/pg_wal" 2>/dev/null | grep -xE '[0-9A-F]{24}' | sort | tail -n 1 | cut -c 1-8 || true; }

control() { LC_ALL=C pg_controldata -D "$1" 2>/dev/null | sed -n "s/^$2: *//p" || true; }

look() {
  local resumable=false spaces=false
  if [ -e ${restoring}/backup.manifest ] || [ -e ${restoring}/PG_VERSION ]; then resumable=true; fi
  if [ -n "$(ls -A ${live}/pg_tblspc 2>/dev/null)" ]; then spaces=true; fi
  printf '{"live":"%s","restoring":"%s","before":%s,"leaving":%s,"resumable":%s,"tablespaces":%s' \\
    "$(directory ${live})" "$(directory ${restoring})" "$(there ${before})" "$(there ${leaving})" "$resumable" "$spaces"
  printf ',"timeline":"%s","timelineBefore":"%s","checkpoint":"%s","clean":%s,"freeKb":%d' \\
    "$(timeline ${live})" "$(timeline ${before})" "$(control ${live} 'Latest checkpoint location')" \\
    "$(case "$(control ${live} 'Database cluster state')" in 'shut down'*) echo true ;; *) echo false ;; esac)" \\
    "$(df --output=avail -k . | tail -n 1)"
  if [ "\${1-}" = sizes ]; then
    printf ',"liveKb":%d,"restoringKb":%d' "$(kb ${live})" "$(kb ${restoring})"
  fi
  printf '}\\n'
  cat ${journal} 2>/dev/null || true
}

kb() { if [ -d "$1" ]; then du -sk "$1" | cut -f 1; else echo 0; fi; }

# Who may connect is decided today, and not in the backup.
carry() {
  local file
  for file in pg_hba.conf pg_ident.conf; do
    [ ! -f "$1/$file" ] || { cp -p "$1/$file" "$2/$file"; sync "$2/$file"; }
  done
}

# rescue FROM TO TIMELINE: WAL that is in no repository, which a recovery then reads from pg_wal. After a clean stop
# each such segment is marked; after another one the last ones are not.
rescue() {
  local segment name clean
  [ -n "$3" ] || return 0
  clean=$(control "$1" 'Database cluster state')
  mkdir -p "$2/pg_wal"
  for segment in "$1/pg_wal/$3"*; do
    name=\${segment##*/}
    [[ $name =~ ^[0-9A-F]{24}$ ]] || continue
    [ ! -e "$1/pg_wal/archive_status/$name.done" ] || continue
    [ -e "$1/pg_wal/archive_status/$name.ready" ] || [[ $clean != 'shut down'* ]] || continue
    cp -p "$segment" "$2/pg_wal/$name"
    sync "$2/pg_wal/$name"
  done
}

# The spool says of segments that they are archived, by names that another timeline will have again.
empty_spool() { [ -z "$1" ] || rm -rf "$1"/*; }

# swap SWAPPING REPLAYING SPOOL TIMELINE
swap() {
  local old=${live}
  lock
  note "$1"
  if [ -d ${restoring} ]; then
    [ ! -d ${before} ] || old=${before}
    if [ -d "$old" ]; then
      carry "$old" ${restoring}
      rescue "$old" ${restoring} "$4"
      [ "$old" = ${before} ] || { mv -T ${live} ${before}; sync .; }
    fi
    mv -T ${restoring} ${live}
    sync .
  fi
  empty_spool "$3"
  note "$2"
}

# put_back UNDOING TIDYING SPOOL
put_back() {
  lock
  note "$1"
  if [ -d ${before} ]; then
    if [ -d ${live} ]; then
      rm -rf ${leaving}
      mv -T ${live} ${leaving}
      sync .
    fi
    mv -T ${before} ${live}
    sync .
  fi
  empty_spool "$3"
  note "$2"
}

# overwrite OVERWRITING SPOOL TIMELINE: what the overwritten data would lose.
overwrite() {
  lock
  if ! grep -q '"phase":"overwriting"' ${journal} 2>/dev/null; then
    rm -rf ${kept}
    mkdir ${kept}
    if [ -d ${live} ]; then
      carry ${live} ${kept}
      rescue ${live} ${kept} "$3"
    fi
    sync ${kept}
    note "$1"
  else
    note "$1"
  fi
  rm -f ${live}/postmaster.pid
  empty_spool "$2"
}

# overwritten REPLAYING
overwritten() {
  local segment
  lock
  carry ${kept} ${live}
  for segment in ${kept}/pg_wal/*; do
    [ ! -f "$segment" ] || { cp -p "$segment" ${live}/pg_wal/; sync "${live}/pg_wal/\${segment##*/}"; }
  done
  note "$1"
}

# accept ACCEPTING: the name goes first, so that what is left of it is never put back.
accept() {
  note "$1"
  if [ -d ${before} ]; then
    rm -rf ${leaving}
    mv -T ${before} ${leaving}
    sync .
  fi
}

# clear: what nobody uses any more, and the journal last.
clear() {
  rm -rf ${leaving} ${restoring} ${kept}
  rm -f ${journal} ${journal}.new
  sync .
}

empty() { rm -rf ${restoring} ${leaving}; }

"$@"
`;
