#!/usr/bin/env bash
# scripts/ci/deploy.sh <stack>: brings a stack up with the images of this commit, which the registry has: it builds
# none. Two deploys at a time wait for each other, and one that was killed is repaired by the next.
# shellcheck source=scripts/ci/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

stack=${1:-}
[ -n "$stack" ] || usage_error "deploy.sh needs a stack: scripts/ci/deploy.sh dev."
for name in LATERBASE_REGISTRY LATERBASE_TAG $(missing_secrets "$stack"); do
  [ -n "${!name:-}" ] || die "$name is not set, so stack $stack cannot be deployed: docs/pipelines.md#variables has every variable."
done

# GitLab's resource_group does the same for its own jobs. This lock also holds against a second pipeline on this
# machine, and it goes with the process that has it.
wait_for_turn() {
  have flock || { say "laterbase: flock is missing, so two deploys at a time meet in Pulumi's own lock."; return 0; }
  mkdir -p "$data_dir"
  exec 9>"$data_dir/deploy-$stack.lock"
  flock -n 9 && return 0
  say "laterbase: another deploy of stack $stack is at work on this machine; this one waits."
  flock 9
}

wait_for_turn
need_stack_tools "$stack"
need_plain_keys "$stack"
# An engine that it starts must not have the lock. A stack on other machines needs none here.
if grep -qx 'engine *' <<<"$stack_needs"; then need_docker 9>&-; fi
choose_services "$stack"
make_work_file "$stack"
log_in_to_registry
node --require tsx/cjs scripts/ci/freeState.ts "$stack"
newer=$(node --require tsx/cjs scripts/ci/deployedVersion.ts check "$stack")
[ -z "$newer" ] || die "$newer"
older=$(node --require tsx/cjs scripts/ci/deployedVersion.ts older "$stack")
[ -z "$older" ] || die "$older"
# Plain dev in a command is the stack of `npm start` on this machine, and the run prints such commands.
# shellcheck disable=SC2317 # the trap calls it
at_end() {
  [ "$stack" != dev ] ||
    say "laterbase: the commands above are for the stack of this pipeline only with --stack organization/laterbase/dev: docs/pipelines.md."
}
say "laterbase: deploying stack $stack with the images $LATERBASE_TAG of $LATERBASE_REGISTRY"
node --require tsx/cjs scripts/wrapper/main.ts up --stack "$stack" --config-file "$work_file" --yes
node --require tsx/cjs scripts/ci/deployedVersion.ts note "$stack"
