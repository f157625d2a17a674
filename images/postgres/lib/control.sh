# shellcheck shell=bash disable=SC2034 # upstream.sh and follow.sh use it
# `npm run schema` writes this file from contract/pgControl.ts: the settings that must not be lower on a
# standby than on its primary, and the line of each in pg_controldata.
MINIMUM_SETTINGS=(
  max_connections
  max_worker_processes
  max_wal_senders
  max_prepared_transactions
  max_locks_per_transaction
  track_commit_timestamp
)
CONTROL_LINES=(
  'max_connections setting'
  'max_worker_processes setting'
  'max_wal_senders setting'
  'max_prepared_xacts setting'
  'max_locks_per_xact setting'
  'track_commit_timestamp setting'
)
