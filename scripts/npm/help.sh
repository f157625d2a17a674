# shellcheck shell=bash
# The help of a script: shown before anything is set up, so that it needs nothing. It is sourced.

# show_help "$@" <<'HELP': prints the help and ends when one of the words asks for it. Words behind -- do not.
show_help() {
  local word
  for word in "$@"; do
    case $word in
      --) break ;;
      -h | --help)
        cat
        exit 0
        ;;
    esac
  done
}
