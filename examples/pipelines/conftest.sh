#!/bin/sh
# Plans a configuration, holds the policies in its folder "policy" against the
# plan, and writes a JUnit report. Needs conftest.
#
#   conftest.sh [CONFIGURATION [REPORT]]    by default this folder, and junit.xml
#
# See common.sh for the statuses and the environment.
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 2
# shellcheck source-path=SCRIPTDIR
. "$here/common.sh"

report=${2:-junit.xml}
rm -f "$report"
command -v conftest >/dev/null || fail "There is no conftest."

hold() {
	(cd "$1" && conftest test --no-color --parser json --output "$2" -) <"$work/plan.json" 2>>"$work/log"
}

ended=0
plan "${1:-.}" || ended=$?
: >"$work/verdicts"
if [ "$ended" -eq 0 ]; then
	hold "${1:-.}" json >"$work/verdicts"
	hold "${1:-.}" junit >"$work/junit.xml"
	publish "$report"
fi
conclude conftest.jq --argjson ended "$ended" --rawfile verdicts "$work/verdicts"
