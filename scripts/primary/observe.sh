# shellcheck shell=bash disable=SC2154
# Prints one line of JSON: everything that defines our objects on the primary.
step_apply() { sql sql_observe; }
