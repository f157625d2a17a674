# shellcheck shell=bash disable=SC2034 # common.sh and others use it
# `npm run schema` writes this file from contract/sessionSettings.ts. PGOPTIONS=$SESSION stands before every
# psql and reindexdb of the image, and is never exported: the server and the owner's scripts must not get it.
SESSION='-c search_path=pg_catalog,pg_temp -c role=none -c session_replication_role=origin -c local_preload_libraries= -c row_security=off -c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0 -c default_transaction_read_only=off -c default_transaction_isolation=read\ committed -c default_transaction_deferrable=off -c exit_on_error=off -c plpgsql.extra_errors=none -c standard_conforming_strings=on -c transform_null_equals=off -c lc_messages=C -c client_min_messages=error -c DateStyle=ISO,\ YMD -c IntervalStyle=postgres -c TimeZone=UTC -c extra_float_digits=3 -c bytea_output=hex -c xmloption=content -c synchronous_commit=local'
((PG_MAJOR < 14)) || SESSION+=' -c idle_session_timeout=0'
((PG_MAJOR < 17)) || SESSION+=' -c event_triggers=off -c transaction_timeout=0'
