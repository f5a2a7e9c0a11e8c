#!/bin/sh
# Plans a configuration, checks the plan with the policies in its folder "policy",
# and writes a JUnit report with a test case for each rule. Requires conftest.
#
#   conftest.sh [CONFIGURATION [REPORT]]    by default this folder, and junit.xml
#
# See common.sh for the exit codes and the environment. This script also writes the SARIF of
# conftest to the file in GATE_SARIF, if all rules were evaluated: whoever reads it takes
# what is missing for fixed.
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 2
report=${2:-junit.xml} sarif=${GATE_SARIF:-}
# shellcheck source-path=SCRIPTDIR
. "$here/common.sh"

command -v conftest >/dev/null || fail "There is no conftest."

# check CONFIGURATION FORMAT [OPTION...]
check() {
	folder=$1 format=$2
	shift 2
	(cd "$folder" && conftest test --no-color --parser json --output "$format" "$@" -) <"$work/plan.json" 2>>"$work/log"
}

ended=0 checked=0
: >"$work/verdicts"
: >"$work/passed"
plan "${1:-.}" || ended=$?
if [ "$ended" -eq 0 ]; then
	check "${1:-.}" json >"$work/verdicts" || checked=$?
	# Conftest only counts the rules that pass: the package "passed" names them.
	check "${1:-.}" json --namespace passed >"$work/passed" || checked=$?
fi
judge conftest.jq --argjson ended "$ended" --argjson checked "$checked" \
	--rawfile verdicts "$work/verdicts" --rawfile passed "$work/passed"
if [ -n "$sarif" ] && printf '%s' "$result" | jq -e 'all(.findings[]; .result == "broken" or .result == "warning")' >/dev/null; then
	check "${1:-.}" sarif >"$work/sarif" || [ $? -eq 1 ] || fail "There is no SARIF."
	put "$sarif" 600 "$(jq -L "$here" --slurpfile verdicts "$work/verdicts" --arg file "${1:-.}/main.tf" \
		-f "$here/sarif.jq" "$work/sarif")" || exit 2
fi
conclude
