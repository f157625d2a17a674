# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153 # state is shared between the files of one process
# Collation. A Mac sorts text by code point under the same locale names under which Debian sorts it like
# a dictionary. PostgreSQL does not warn: look-ups through a text index would miss rows. So `up` asks the
# primary to sort some words, and this server starts with the locales that sort them the same way.

CODE_POINT=$LIB/code-point:/usr/lib/locale # a LOCPATH
VERDICTS=$VOLUME/order.verdict             # named by the first release; a new name would forget its verdicts

# choose_collation: sets COLLATION (debian or code-point), and COLLATION_FAULT to a sentence when
# neither fits.
choose_collation() {
  local answer best differ
  COLLATION=debian COLLATION_FAULT=
  # Without words the primary is one of ours, which sorts like every server of this image by default.
  [[ -f $ETC/collation.json ]] || return 0
  if ! answer=$(perl "$LIB/collation.pl" "$ETC/collation.json" '' "$CODE_POINT" 2>"$RUN/error"); then
    COLLATION_FAULT="the primary's collation cannot be read: $(head -n 1 "$RUN/error")"
  else
    IFS=$'\t' read -r best differ <<<"$answer"
    ((best == 0)) || COLLATION=code-point
    [[ -z $differ ]] || COLLATION_FAULT="the primary sorts text as no locale here does under $differ"
  fi
  say "text is sorted in $COLLATION order, ${COLLATION_FAULT:-as on the primary}"
  publish_collation
}

# start_with_collation ARGUMENT…
start_with_collation() {
  if [[ $COLLATION == code-point ]]; then
    LOCPATH=$CODE_POINT start_server "$@"
  else
    start_server "$@"
  fi
}

# clone_id: identifies this clone by its collation and by the checksum at the end of its manifest.
clone_id() {
  local last
  last=$(tail -n 1 "$PGDATA/backup_manifest" 2>/dev/null) || true
  printf '%s %s' "$COLLATION" "${last//[^0-9a-f]/}"
}

# read_verdict: sets VERDICT, CHECKED (a time) and FOUND (a sentence) to the result of the last check
# of this clone's text indexes. False when this clone was not checked.
read_verdict() {
  local id
  VERDICT=unverified CHECKED='' FOUND=''
  { read -r id && read -r VERDICT && read -r CHECKED && read -r FOUND; } 2>/dev/null <"$VERDICTS" &&
    [[ $id == "$(clone_id)" ]] && return 0
  VERDICT=unverified CHECKED='' FOUND=''
  return 1
}

# keep_verdict ID VERDICT TIME SENTENCE
keep_verdict() {
  printf '%s\n' "$@" >"$VERDICTS.new"
  sync "$VERDICTS.new"
  mv -f "$VERDICTS.new" "$VERDICTS"
}

# publish_collation writes three lines for other processes: the fields that the health check adds to
# its JSON, the note for people, the fault. The fields keep their first names, `order` and `checked`,
# because `preview` reads them from containers of older images too. After promotion, a server with wrong text indexes would
# accept duplicates in unique columns, so it stays read-only until they are rebuilt; from then on it no
# longer matters how the old primary sorts.
publish_collation() {
  local note='' read_only=off
  read_verdict || true
  if [[ -n $COLLATION_FAULT && ($VERDICT != verified || -e $PGDATA/standby.signal) ]]; then
    VERDICT=differs FOUND=$COLLATION_FAULT
  fi
  case $VERDICT in
    differs) note="; a source of dumps only: $FOUND" read_only=on ;;
    unverified)
      if [[ -n $FOUND || ! -e $PGDATA/standby.signal ]]; then
        note="; its text indexes are unverified${FOUND:+: $FOUND}"
      fi
      ;;
  esac
  printf 'default_transaction_read_only = %s\n' "$read_only" >"$RUN/collation.conf.new"
  mv -f "$RUN/collation.conf.new" "$RUN/collation.conf"
  printf '%s\n' "\"sorts\":\"$COLLATION\",\"order\":\"$VERDICT\"${CHECKED:+,\"checked\":\"$CHECKED\"}" \
    "$note" "$COLLATION_FAULT" >"$RUN/collation.new"
  mv -f "$RUN/collation.new" "$RUN/collation"
}

# read_collation: for other processes, what the supervisor chose. False when there was no choice to make.
read_collation() {
  local fields
  { read -r fields && read -r _ && read -r COLLATION_FAULT; } 2>/dev/null <"$RUN/collation" || return 1
  fields=${fields#*:\"}
  COLLATION=${fields%%\"*}
}

# read_collation_note: sets COLLATION_NOTE, which follows every `running` status.
read_collation_note() {
  COLLATION_NOTE=
  [[ ! -f $RUN/collation ]] || { read -r && read -r COLLATION_NOTE; } <"$RUN/collation" || true
}
