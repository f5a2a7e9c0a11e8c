#!/bin/sh
# Plans a configuration, and determines from the checks in the plan whether a rule is broken.
# With a second argument, it also writes a JUnit report.
#
#   gate.sh [CONFIGURATION [REPORT]]    the folder; by default this one
#
# See common.sh for the exit codes and the environment.
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 2
report=${2:-}
# shellcheck source-path=SCRIPTDIR
. "$here/common.sh"

ended=0
plan "${1:-.}" || ended=$?
judge plan.jq --argjson ended "$ended" --slurpfile plan "$work/plan.json"
conclude
