// The former place of scripts/steps/primaryLogin.ts. States that commit 2c41f5a or an older one made name
// this path in their `update` command, which `up` keeps until something is repaired once, because a
// change of `update` alone is ignored. This file can go when no such state is left.
import "./steps/primaryLogin";
