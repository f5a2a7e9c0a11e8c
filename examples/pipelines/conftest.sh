#!/bin/sh
# Plans a configuration, checks the plan with the policies in its folder "policy",
# and writes a JUnit report. Requires conftest.
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

check() {
	(cd "$1" && conftest test --no-color --parser json --output "$2" -) <"$work/plan.json" 2>>"$work/log"
}

ended=0
plan "${1:-.}" || ended=$?
: >"$work/verdicts"
if [ "$ended" -eq 0 ]; then
	check "${1:-.}" json >"$work/verdicts"
	check "${1:-.}" junit >"$work/junit.xml"
	publish "$report"
fi
conclude conftest.jq --argjson ended "$ended" --rawfile verdicts "$work/verdicts"
