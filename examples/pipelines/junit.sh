#!/bin/sh
# Runs the tests of a configuration against a workspace, and writes a JUnit report.
# Requires Terraform 1.11 or later: OpenTofu writes no such report.
#
#   junit.sh [CONFIGURATION [REPORT]]    by default this folder, and junit.xml
#
# See common.sh for the statuses and the environment.
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 2
# shellcheck source-path=SCRIPTDIR
. "$here/common.sh"

report=${2:-junit.xml}
# The report of a previous run must not be mistaken for this one's.
rm -f "$report"

init "${1:-.}" && run "$work/log" "$tf" -chdir="${1:-.}" test -json -junit-xml="$work/junit.xml"
publish "$report"
conclude test.jq
