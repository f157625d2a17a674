# shellcheck shell=bash disable=SC2153,SC2154
# Asks each database of this server how it sorts. Prints one line of JSON, which standbys compare with
# their own locales. It changes nothing.
step_apply() {
  in_each sql_sorted >"$work/orders"
  printf '{"words":%s,"orders":[%s]}\n' "$WORDS" "$(sort -u "$work/orders" | paste -s -d , -)"
}

sql_sorted() {
  printf '%s\n' "$SQL_WORDS"
  sql_collation
}
