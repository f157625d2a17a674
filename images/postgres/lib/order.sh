# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153 # state is shared between the files of one process
# The order of text. A Mac sorts by code point under names by which Debian sorts as a dictionary does,
# and nothing warns: look-ups by a text index would miss rows. So the primary was asked to sort some
# words, and the server here is started with those locales that sort them as the primary did.

CODE_POINT=$LIB/code-point:/usr/lib/locale # a LOCPATH
VERDICTS=$VOLUME/order.verdict

# choose_order: sets ORDER (debian, code-point) and ORDER_FAULT, a sentence where neither is right.
choose_order() {
  local answer best differ
  ORDER=debian ORDER_FAULT=
  # No words: a primary of ours, which sorts as every server of this image does unless told otherwise.
  [[ -f $ETC/order.json ]] || return 0
  if ! answer=$(perl "$LIB/order.pl" "$ETC/order.json" '' "$CODE_POINT" 2>"$RUN/error"); then
    ORDER_FAULT="the primary's order of text cannot be read: $(head -n 1 "$RUN/error")"
  else
    IFS=$'\t' read -r best differ <<<"$answer"
    ((best == 0)) || ORDER=code-point
    [[ -z $differ ]] || ORDER_FAULT="the primary sorts text as no locale here does under $differ"
  fi
  say "text is sorted in $ORDER order, ${ORDER_FAULT:-as on the primary}"
  publish_order
}

# start_in_order ARGUMENT…
start_in_order() {
  if [[ $ORDER == code-point ]]; then
    LOCPATH=$CODE_POINT start_server "$@"
  else
    start_server "$@"
  fi
}

# clone_id: which clone this is, by the manifest's checksum of itself, and how it is sorted.
clone_id() {
  local last
  last=$(tail -n 1 "$PGDATA/backup_manifest" 2>/dev/null) || true
  printf '%s %s' "$ORDER" "${last//[^0-9a-f]/}"
}

# read_verdict: what was found when the text indexes of this very clone were checked; false when they
# were not. Sets VERDICT, CHECKED (when) and FOUND (a sentence).
read_verdict() {
  local id
  VERDICT=unverified CHECKED='' FOUND=''
  { read -r id && read -r VERDICT && read -r CHECKED && read -r FOUND; } 2>/dev/null <"$VERDICTS" &&
    [[ $id == "$(clone_id)" ]] && return 0
  VERDICT=unverified CHECKED='' FOUND=''
  return 1
}

# keep_verdict ID VERDICT SENTENCE
keep_verdict() {
  printf '%s\n' "$1" "$2" "$(utc)" "$3" >"$VERDICTS.new"
  sync "$VERDICTS.new"
  mv -f "$VERDICTS.new" "$VERDICTS"
}

# publish_order: what the health check adds to its line of JSON, what a person has to know, the fault.
# Once promoted, a server with wrong text indexes would take duplicates for unique, so it takes no
# writes before they are built anew; from then on the primary's order is nothing to it.
publish_order() {
  local note='' read_only=off
  read_verdict || true
  if [[ -n $ORDER_FAULT && ($VERDICT != verified || -e $PGDATA/standby.signal) ]]; then
    VERDICT=differs FOUND=$ORDER_FAULT
  fi
  case $VERDICT in
    differs) note="; a source of dumps only: $FOUND" read_only=on ;;
    unverified)
      if [[ -n $FOUND || ! -e $PGDATA/standby.signal ]]; then
        note="; its text indexes are unverified${FOUND:+: $FOUND}"
      fi
      ;;
  esac
  printf 'default_transaction_read_only = %s\n' "$read_only" >"$RUN/order.conf.new"
  mv -f "$RUN/order.conf.new" "$RUN/order.conf"
  printf '%s\n' "\"sorts\":\"$ORDER\",\"order\":\"$VERDICT\"${CHECKED:+,\"checked\":\"$CHECKED\"}" \
    "$note" "$ORDER_FAULT" >"$RUN/order.new"
  mv -f "$RUN/order.new" "$RUN/order"
}

# read_order: what the supervisor chose, for other processes; false when it had nothing to choose.
read_order() {
  local words
  { read -r words && read -r _ && read -r ORDER_FAULT; } 2>/dev/null <"$RUN/order" || return 1
  words=${words#*:\"}
  ORDER=${words%%\"*}
}

# caution: what has to be said whenever this server is said to be well.
caution() {
  CAUTION=
  [[ ! -f $RUN/order ]] || { read -r && read -r CAUTION; } <"$RUN/order" || true
}
