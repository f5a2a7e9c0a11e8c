#!/bin/sh
# Prints what CHANGELOG.md says of a version; fails where it says nothing.
#
#   tools/release-notes.sh 1.2.3
set -eu
cd "$(dirname "$0")/.."

notes=$(awk -v heading="## [$1]" '
	/^## / {inside = index($0, heading) == 1; next}
	/^\[[^]]*\]: / {inside = 0}
	inside' CHANGELOG.md)
[ -n "$notes" ] || {
	echo "CHANGELOG.md has no text below \"## [$1]\"." >&2
	exit 1
}
echo "$notes"
