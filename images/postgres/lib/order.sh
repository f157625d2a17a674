# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153 # state is shared between the files of one process
# The order of text. A Mac sorts by code point under names by which Debian sorts as a dictionary does,
# and nothing warns: look-ups by a text index would miss rows. So the primary was asked to sort some
# words, and the server here is started with those locales that sort them as the primary did.

CODE_POINT=$LIB/code-point:/usr/lib/locale # a LOCPATH

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

# publish_order: what the health check adds to its line of JSON, then what a person has to know.
publish_order() {
  local verdict=unverified
  [[ -z $ORDER_FAULT ]] || verdict=differs
  printf '%s\n' "\"sorts\":\"$ORDER\",\"order\":\"$verdict\"" \
    "${ORDER_FAULT:+; a source of dumps only: $ORDER_FAULT}" >"$RUN/order.new"
  mv -f "$RUN/order.new" "$RUN/order"
}

# caution: what has to be said whenever this server is said to be well.
caution() {
  CAUTION=
  [[ ! -f $RUN/order ]] || { read -r && read -r CAUTION; } <"$RUN/order" || true
}
