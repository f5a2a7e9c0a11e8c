#!/bin/sh
# Runs the tests of a configuration against a workspace, and writes a JUnit report with a
# test case for each run.
#
#   junit.sh [CONFIGURATION [REPORT]]    by default this folder, and junit.xml
#
# See common.sh for the exit codes and the environment.
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 2
report=${2:-junit.xml}
# shellcheck source-path=SCRIPTDIR
. "$here/common.sh"

init "${1:-.}" && run "$work/log" "$tf" -chdir="${1:-.}" test -json
judge test.jq
conclude
