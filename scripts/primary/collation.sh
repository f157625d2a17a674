# shellcheck shell=bash disable=SC2153,SC2154
# Asks each database of this server how it sorts. Prints one line of JSON, which standbys compare with
# their own locales. It changes nothing. A database that cannot be used is left out: its text indexes cannot be
# checked either, and the verdict says so.
step_apply() {
  local name asked=0
  sql sql_databases >"$work/databases"
  : >"$work/orders"
  while IFS= read -r name; do
    conninfo_value "$name" >/dev/null
    if (in_database "$name" sql_sorted) >"$work/one" 2>"$work/why"; then
      asked=$((asked + 1))
      cat "$work/one" >>"$work/orders"
    fi
  done <"$work/databases"
  if [ "$asked" -eq 0 ]; then die "No database of the primary at $WHERE could be asked how it sorts text." "$(head -n 1 "$work/why")"; fi
  printf '{"words":%s,"orders":[%s]}\n' "$WORDS" "$(sort -u "$work/orders" | paste -s -d , -)"
}

sql_sorted() {
  printf '%s\n' "$SQL_WORDS"
  sql_collation
}
