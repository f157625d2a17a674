# shellcheck shell=bash disable=SC2153,SC2154
# How this server sorts, asked in each of its databases: one line of JSON, which standbys compare
# with what their own locales do. Looks, and touches nothing.
step_apply() {
  sql sql_databases >"$work/databases"
  sql sql_each >"$work/orders"
  printf '{"words":%s,"orders":[%s]}\n' "$WORDS" "$(sort -u "$work/orders" | paste -s -d , -)"
}

# One session goes through the databases; what is set for it, psql forgets with each.
sql_each() {
  local connect
  printf '%s\n' "$SQL_WORDS"
  while IFS= read -r connect; do
    printf '%s\n' "$connect"
    sql_begin
    sql_order
  done <"$work/databases"
}
