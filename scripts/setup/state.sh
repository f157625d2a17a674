# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared by the files that are sourced together
# Where a stack's state lives. Stack dev: a file backend, a generated passphrase and the stack file
# with its salt, all outside the checkout, so that git stays clean and `git clean` loses no key to
# kept data. Every other stack: what the user is logged in to.

need_state() { # <stack>
  export PULUMI_SKIP_UPDATE_CHECK=true PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true
  config_args=()
  if [ "$1" != dev ]; then
    use_made_passphrase "${1##*/}"
    return 0
  fi
  stack_file=$data_dir/Pulumi.dev.yaml
  if [ ! -d "$data_dir/state" ]; then
    mkdir -p "$data_dir/state"
    chmod 0700 "$data_dir"
  fi
  make_passphrase "$data_dir/passphrase"
  export PULUMI_BACKEND_URL=file://$data_dir/state
  export PULUMI_CONFIG_PASSPHRASE_FILE=$data_dir/passphrase
  unset PULUMI_CONFIG_PASSPHRASE
  merge_stack_file
  if [ ! -f "$data_dir/state/.pulumi/stacks/laterbase/dev.json" ]; then init_dev; fi
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

make_passphrase() { # <file>
  [ ! -s "$1" ] || return 0
  (umask 077 && openssl rand -base64 32 >"$1.new") || die "openssl is missing. Install it: it generates the passphrase of stack dev."
  mv "$1.new" "$1"
}

# The checkout's Pulumi.dev.yaml may have changed since the last merge. This takes its new values and
# keeps the salt and what the user set (`npm run pulumi -- config set`).
merge_stack_file() {
  local merged_from=$data_dir/Pulumi.dev.tracked.yaml
  if [ -f "$stack_file" ] && cmp -s "$root/Pulumi.dev.yaml" "$merged_from"; then return 0; fi
  node "$root/scripts/setup/stackFile.mjs" merge "$root/Pulumi.dev.yaml" "$merged_from" "$stack_file" ||
    die "Pulumi.dev.yaml could not be merged into $stack_file."
  cp "$root/Pulumi.dev.yaml" "$merged_from.new" && mv "$merged_from.new" "$merged_from"
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
