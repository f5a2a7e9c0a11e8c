#!/bin/sh
# Plans a configuration, checks the plan with the policies in its folder "policy",
# and writes a JUnit report with a test case for each rule. Requires conftest.
#
#   conftest.sh [CONFIGURATION [REPORT]]    by default this folder, and junit.xml
#
# See common.sh for the exit codes and the environment.
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 2
report=${2:-junit.xml}
# shellcheck source-path=SCRIPTDIR
. "$here/common.sh"

command -v conftest >/dev/null || fail "There is no conftest."

check() {
	folder=$1
	shift
	(cd "$folder" && conftest test --no-color --parser json --output json "$@" -) <"$work/plan.json" 2>>"$work/log"
}

ended=0 checked=0
: >"$work/verdicts" >"$work/passed"
plan "${1:-.}" || ended=$?
if [ "$ended" -eq 0 ]; then
	check "${1:-.}" >"$work/verdicts" || checked=$?
	# Conftest only counts the rules that pass: the package "passed" names them.
	check "${1:-.}" --namespace passed >"$work/passed" || checked=$?
fi
conclude conftest.jq --argjson ended "$ended" --argjson checked "$checked" \
	--rawfile verdicts "$work/verdicts" --rawfile passed "$work/passed"
