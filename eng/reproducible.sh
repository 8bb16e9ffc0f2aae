#!/usr/bin/env bash
# Makes the release of the last commit twice, in clones whose folders have different names, and compares every byte. Ends with 1 and names the files where they differ.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
for place in one another-place; do
  git clone --quiet --no-local . "$top/$place"
  # Debug files name the place where the source is to be had.
  if origin=$(git remote get-url origin 2> /dev/null); then git -C "$top/$place" remote set-url origin "$origin"; fi
  "$top/$place/eng/release.sh" "$top/$place/artifacts" > "$top/$place.log" || { cat "$top/$place.log"; exit 1; }
done
diff -rq "$top/one/artifacts" "$top/another-place/artifacts"
echo "$(git rev-parse HEAD): $(find "$top/one/artifacts" -type f | wc -l) files, the same bytes from both folders."
