# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared by the files that are sourced together
# Where a stack's state lives. Stack dev: a file backend, a generated passphrase, the stack file with its
# salt and the user's own values, all outside the checkout, so that git stays clean and `git clean` loses
# no key to kept data. Every other stack: what the user is logged in to.

need_state() { # <stack; none: about no stack>
  export PULUMI_SKIP_UPDATE_CHECK=true PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true
  config_args=() own_keys=
  if [ "$1" != dev ]; then
    [ "$1" = none ] || use_made_passphrase "${1##*/}"
    [ "$1" = none ] || check_state "$1" "$root/Pulumi.${1##*/}.yaml"
    return 0
  fi
  stack_file=$data_dir/Pulumi.dev.yaml
  local state_file=$data_dir/state/.pulumi/stacks/laterbase/dev.json
  if [ ! -d "$data_dir/state" ]; then
    mkdir -p "$data_dir/state"
    chmod 0700 "$data_dir"
  fi
  need_dev_passphrase "$data_dir/passphrase" "$state_file"
  export PULUMI_BACKEND_URL=file://$data_dir/state
  export PULUMI_CONFIG_PASSPHRASE_FILE=$data_dir/passphrase
  unset PULUMI_CONFIG_PASSPHRASE
  check_state dev "$stack_file"
  merge_stack_file "$state_file"
  if [ ! -f "$state_file" ]; then init_dev; fi
  note_merged
  # shellcheck disable=SC2034 # for the commands that take it
  config_args=(--config-file "$stack_file")
}

# `laterbase new` makes a passphrase for a stack whose user has none.
use_made_passphrase() { # <stack>
  local file=$data_dir/passphrases/$1
  if [ -z "${PULUMI_CONFIG_PASSPHRASE+set}${PULUMI_CONFIG_PASSPHRASE_FILE:-}" ] && [ -s "$file" ]; then
    export PULUMI_CONFIG_PASSPHRASE_FILE=$file
  fi
}

# It is generated once. Where something is encrypted with it, another one would be of no use.
need_dev_passphrase() { # <file> <state>
  [ ! -s "$1" ] || return 0
  if [ -e "$2" ] || [ -d "$data_dir/state/.pulumi/history/laterbase/dev" ] || grep -qs '^encryptionsalt:' "$stack_file"; then
    die "the passphrase of stack dev is gone: $1 is missing or empty. Nothing can read the secrets in $data_dir/state without it. Put the file back with its old content, from a backup of $data_dir."
  fi
  have openssl || die "openssl is missing. Install it: it generates the passphrase of stack dev."
  { (umask 077 && openssl rand -base64 32 >"$1.new") && mv "$1.new" "$1"; } ||
    die "the passphrase of stack dev cannot be written: is there room where $1 is, and is the folder yours?"
}

# Pulumi's own words for a state that is cut off name neither its copies nor what to do.
check_state() { # <stack> <stack file>
  local problem
  problem=$(node "$root/scripts/setup/pulumiState.mjs" check laterbase "${1##*/}" "$2" "$cache_dir/passphrases") || die "$problem"
}

# Asks for the passphrase before anything is built. Pulumi would ask for it later, or fail without a terminal.
need_passphrase() { # <stack>
  local salt said made=''
  use_made_passphrase "${1##*/}"
  if [ "$1" = dev ] || [ "$1" = none ] || [ -n "${PULUMI_CONFIG_PASSPHRASE+set}${PULUMI_CONFIG_PASSPHRASE_FILE:-}" ]; then return 0; fi
  salt=$(sed -n 's/^encryptionsalt: *//p' "$root/Pulumi.${1##*/}.yaml" 2>/dev/null | tr -d "\"'") || return 0
  [ -n "$salt" ] || return 0
  # Of a stack that was made by hand there never was one there.
  [ ! -d "$data_dir/passphrases" ] || made=" If 'laterbase new' made the stack, put its file $data_dir/passphrases/${1##*/} back."
  if ! [ -t 0 ] || ! [ -t 2 ]; then
    die "the secrets of stack $1 need its passphrase, and there is no terminal to ask for it: set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE to the path of a file that holds it.$made"
  fi
  [ -z "$made" ] || say_fd=2 say "laterbase:$made"
  while :; do
    printf 'Passphrase of stack %s (set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to remember it): ' "$1" >&2
    IFS= read -rs said || { echo >&2; die "no passphrase was given."; }
    echo >&2
    ! have node || printf '%s' "$said" | node "$root/scripts/setup/pulumiState.mjs" fits "$salt" || {
      echo "laterbase: that is not the passphrase of stack $1." >&2
      continue
    }
    export PULUMI_CONFIG_PASSPHRASE=$said
    return 0
  done
}

# The checkout's Pulumi.dev.yaml, and over it what the user set (`npm run pulumi -- config set`).
merge_stack_file() { # <state>
  local merged_from=$data_dir/Pulumi.dev.tracked.yaml said line
  if [ -f "$stack_file" ] && [ -f "$(merged_note)" ]; then
    own_keys=$(<"$(merged_note)")
    name_stack_file
    return 0
  fi
  said=$(node "$root/scripts/setup/stackFile.mjs" merge "$root/Pulumi.dev.yaml" "$merged_from" "$stack_file" \
    "$data_dir/Pulumi.dev.own.json" "$1") || die "Pulumi.dev.yaml could not be merged into $stack_file."
  { cp "$root/Pulumi.dev.yaml" "$merged_from.new" && mv "$merged_from.new" "$merged_from"; } ||
    die "$merged_from cannot be written: without it, later edits of Pulumi.dev.yaml would count as your own values."
  own_keys=$(sed -n 's/^own //p' <<<"$said")
  name_stack_file
  while IFS= read -r line; do
    [ -z "$line" ] || say "laterbase: your own value of $line is dropped: Pulumi.dev.yaml has no such block any more."
  done <<<"$(sed -n 's/^dropped //p' <<<"$said")"
}

# What sentences call the place of a value. The merged copy is not what a person edits.
name_stack_file() {
  export LATERBASE_STACK_FILE_NAME=Pulumi.dev.yaml
  [ -z "$own_keys" ] || LATERBASE_STACK_FILE_NAME="Pulumi.dev.yaml, or by 'npm run pulumi -- config set'"
}

# The note of a merge that has nothing left to do: it holds the user's keys. Reading YAML takes a Node start.
merged_note() {
  printf '%s/merged/%s' "$cache_dir" "$(cat "$root/Pulumi.dev.yaml" "$data_dir"/Pulumi.dev.* \
    "$root"/scripts/setup/*.mjs 2>/dev/null | sha256 | cut -c 1-16)"
}

note_merged() {
  local note
  note=$(merged_note)
  [ ! -f "$note" ] || return 0
  mkdir -p "${note%/*}"
  printf '%s\n' "$own_keys" >"$note.$$"
  mv "$note.$$" "$note"
}

# Says which values are not those of the checkout's file: an edit there would do nothing.
say_own_keys() {
  [ -n "$own_keys" ] || return 0
  say "laterbase: from Pulumi.dev.yaml, except for your own values: $(paste -sd , - <<<"$own_keys" | sed 's/,/, /g')." \
    "'npm run pulumi -- config rm --path <key>' goes back to the file's value."
}

# `stack init` writes the salt beside Pulumi.yaml and takes no --config-file: it is run in a folder
# that is not the checkout.
init_dev() {
  local folder
  folder=$(mktemp -d)
  cp "$root/Pulumi.yaml" "$folder/"
  if grep -s '^encryptionsalt:' "$stack_file" >"$folder/Pulumi.dev.yaml"; then :; else rm -f "$folder/Pulumi.dev.yaml"; fi
  (cd "$folder" && PULUMI_STACK='' pulumi stack init dev --non-interactive >"$folder/log" 2>&1) || {
    cat "$folder/log" >&2
    die "stack dev could not be made in $data_dir/state."
  }
  grep -q '^encryptionsalt:' "$stack_file" || grep '^encryptionsalt:' "$folder/Pulumi.dev.yaml" >>"$stack_file"
  rm -rf "$folder"
}

# A run that was killed leaves its lock. Pulumi cannot know that the run is dead; for our own state
# on this machine we can.
drop_dead_lock() {
  local lock pid
  for lock in "$data_dir"/state/.pulumi/locks/organization/laterbase/dev/*.json; do
    [ -f "$lock" ] || continue
    pid=$(sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' "$lock")
    grep -q "\"hostname\": *\"$(hostname)\"" "$lock" || continue
    if [ -n "$pid" ] && [ "$(ps -o comm= -p "$pid" 2>/dev/null)" != pulumi ]; then
      say "laterbase: removing the lock of a run that has ended (process $pid)"
      rm -f "$lock"
    fi
  done
}
