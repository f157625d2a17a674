#!/usr/bin/env bash
# npm run destroy: takes the stack down; data volumes and the secrets inside them stay.
# shellcheck source=scripts/npm/help.sh
. "$(dirname "${BASH_SOURCE[0]}")/help.sh"
show_help "$@" <<'HELP'
npm run destroy: takes a stack down, and names what it keeps and how to remove that.

  npm run destroy [-- --data] [--primary-gone] [--stack <name>] [--yes]

  --data            delete data volumes, their secrets and the logins too, after asking
  --primary-gone    leave what was made on the primary, without contacting it
  --stack <name>    another stack than dev
  --yes             ask nothing

Exit codes: 0 done, 1 it failed, 2 usage, 4 a person said no, or another run is at work
Example:    npm run destroy -- --data
Documented: README.md#undo-it
HELP
# shellcheck source=scripts/setup/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/setup.sh"

stack=dev with_data='' primary_gone='' yes=''
while [ $# -gt 0 ]; do
  case $1 in
    --data) with_data=yes ;;
    --primary-gone) primary_gone=yes ;;
    --yes | -y) yes=yes ;;
    --stack | -s) [ $# -ge 2 ] || usage_error "--stack needs a name."; stack=$2; shift ;;
    --stack=*) stack=${1#*=} ;;
    *) usage_error "npm run destroy takes --data, --primary-gone, --stack <name> and --yes, not '$1'." ;;
  esac
  shift
done

stack_flag='' again="'npm start' takes"
if [ "$stack" != dev ]; then
  stack_flag=" --stack $stack" again="'npm run pulumi -- up --stack $stack' takes"
fi
need_passphrase "$stack"
take_turn
need_tools "$stack"
need_docker
end_turn
cd "$root"
[ "$stack" != dev ] || drop_dead_lock
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
state=$work/state.json before=$work/before.json

# Answers a question about the state. Without a file it exports the state anew; the secrets stay encrypted.
ask() { # busy|kept|logins|stays|silent|hosts|volumes|remains|drop|back [<file>]
  local file=${2:-$state}
  [ $# -gt 1 ] || pulumi stack export --stack "$stack" --file "$file" >/dev/null || return 1
  local name=${stack##*/}
  # A lock belongs to the whole name: another organization's stack may have the same last part.
  [ "$1" != busy ] || name=$stack
  node --require tsx/cjs scripts/npm/destroyState.ts "$1" "$file" laterbase "$name" "$before"
}

# Pulumi's own words on a lock advise what would break the other run.
refuse_beside_another() {
  local said
  said=$(ask busy "$before")
  [ -z "$said" ] || { printf 'laterbase: %s\n' "$said" >&2; exit 4; }
}

confirm() {
  [ -z "$yes" ] || return 0
  local answer
  printf 'This deletes the databases of stack %s for good. Type its name to go on: ' "$stack" >&2
  if ! read -r answer; then
    printf '\nlaterbase: nobody answered, so nothing was deleted. Where nobody can, add --yes.\n' >&2
    exit 4
  fi
  [ "$answer" = "$stack" ] || { printf "laterbase: that is not the stack's name, so nothing was deleted.\n" >&2; exit 4; }
}

skip_primary() {
  local left
  left=$(ask remains)
  ask drop >"$work/dropped.json"
  pulumi stack import --stack "$stack" --file "$work/dropped.json" >/dev/null
  [ -z "$left" ] || printf 'Not undone, as you asked:\n%s\n' "$left"
}

# What was taken out of the state for this run, where the run did not come to its end.
put_back() {
  [ -n "$with_data$primary_gone" ] || return 0
  { ask back >"$work/back.json" && pulumi stack import --stack "$stack" --file "$work/back.json" >/dev/null; } ||
    printf "laterbase: the state of stack %s has no protection of data and secrets now: %s it up again, which protects them, before you run anything else.\n" "$stack" "$again" >&2
}

destroy() { # <pulumi's flags…>
  local left code=0 flags=("$@")
  # Plain destroy keeps the data, so only stacks that are not the playground are asked about.
  if [ "$stack" = dev ] || [ -n "$yes$with_data" ]; then flags+=(--yes --skip-preview); fi
  node --require tsx/cjs scripts/wrapper/main.ts destroy --stack "$stack" \
    ${config_args[@]+"${config_args[@]}"} ${flags[@]+"${flags[@]}"} || code=$?
  [ "$code" != 0 ] || return 0
  left=$(ask remains) || left=
  put_back
  # Refused by a person, or interrupted.
  case $code in 4 | 130) exit "$code" ;; esac
  if [ -n "$left" ]; then
    printf '\nStill on the primary:\n%s\n' "$left" >&2
    die "fix the cause above and run this again. If this primary no longer exists, run: npm run destroy -- ${with_data:+--data }--primary-gone$stack_flag"
  fi
  die "the stack was not destroyed wholly: what hindered it is above."
}

unremoved=()

# Removes the volumes that the state names. Others with our label may belong to another user's stack of the
# same name: they are listed, not deleted.
remove_volumes() { # <volumes and engines, a line each> <engines>
  local name host others
  while read -r name host; do
    [ -n "$name" ] || continue
    if engine --host "$host" remove-volume "$name"; then
      printf 'Removed: %s\n' "$name"
    else
      # The state has forgotten it by now, so nothing else names it again.
      unremoved+=("docker ${host:+--host $host }volume rm $name")
    fi
  done <<<"$1"
  while IFS= read -r host; do
    # Not in the state: `restore` made it. A container of another stack would hold it.
    engine --host "$host" remove-volume "laterbase-${stack##*/}-restored-data" 2>/dev/null || true
    others=$(engine --host "$host" volumes "laterbase.stack=${stack##*/}") || continue
    [ -z "$others" ] || printf 'Not in the state of this stack, and left alone: %s\n' "$(paste -sd ' ' - <<<"$others")"
  done <<<"$2"
}

# Read before destroy, because the state forgets what is gone.
read_state() {
  pulumi stack export --stack "$stack" --file "$before" >/dev/null || die "there is no stack $stack, or its state cannot be read."
}

read_state
if [ -n "$with_data" ]; then
  confirm
  # An answer may take long, and another run may have changed the stack meanwhile.
  read_state
fi
refuse_beside_another
[ -z "$primary_gone" ] || skip_primary
stays=$(ask stays "$before")
if [ -n "$with_data" ]; then
  hosts=$(ask hosts "$before")
  volumes=$(ask volumes "$before")
  pulumi state unprotect --all --yes --stack "$stack" >/dev/null
  destroy
  remove_volumes "$volumes" "$hosts"
  [ "$stack" != dev ] || stays=${stays:+$stays$'\n'}"Kept: the stack's file, passphrase and state in $data_dir."
else
  logins=()
  while IFS= read -r login; do
    [ -z "$login" ] || logins+=(--exclude "$login")
  done < <(ask logins "$before")
  destroy --exclude-protected ${logins[@]+"${logins[@]}"}
  # Its outputs are addresses at which nothing is any more.
  ask silent >"$work/silent.json"
  pulumi stack import --stack "$stack" --file "$work/silent.json" >/dev/null
  kept=$(ask kept "$work/silent.json")
  [ -z "$kept" ] || stays=$kept${stays:+$'\n'$stays}$'\n'"$again them up again; 'npm run destroy -- --data$stack_flag' removes volumes, secrets and logins."
fi
[ -z "$stays" ] || printf '\n%s\n' "$stays"
[ ${#unremoved[@]} -eq 0 ] || die "the stack is gone, and these volumes could not be removed, for the reasons above. To remove them later:$(printf '\n  %s' "${unremoved[@]}")"
