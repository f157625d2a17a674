#!/usr/bin/env bash
# npm run release -- <version> --images <file>: a version, its section of the changelog, a tag with the images.
# shellcheck source=scripts/npm/help.sh
. "$(dirname "${BASH_SOURCE[0]}")/help.sh"
show_help "$@" <<'HELP'
npm run release: makes a release of this commit: the version in package.json, the changelog's section, a commit,
and an annotated tag with that section and the images by digest. It pushes nothing.

  npm run release -- <version> --images <file> [--without-audit]

  <version>         such as 0.2.0
  --images <file>   out/images.json, as the pipeline of this commit wrote it
  --without-audit   also where no source of known holes in dependencies answers

It refuses a checkout with changes, a dependency with a known hole, and docs that are not as they would be generated.

Exit codes: 0 done, 1 it failed, 2 usage, 4 refused, and nothing was changed
Example:    npm run release -- 0.2.0 --images out/images.json
Documented: docs/pipelines.md#a-release
HELP
# shellcheck source=scripts/setup/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/setup.sh"

take_turn
need_node_packages
end_turn
cd "$root"
exec node --require tsx/cjs scripts/npm/release/release.ts "$@"
