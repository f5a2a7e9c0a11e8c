# Functions that the scripts beside this file share; they set "here", and "report" if
# they write a JUnit report. The exit codes are
#   0  no rule is broken
#   1  a rule is broken
#   2  the rules could not be evaluated
# Environment variables:
#   TF            the CLI; by default terraform, or tofu if there is no terraform
#   GATE_SUMMARY  the file to append a summary in Markdown to; by default GitHub's
# shellcheck shell=sh disable=SC2154

tf=${TF:-$(command -v terraform || command -v tofu || echo terraform)}
summary=${GATE_SUMMARY:-${GITHUB_STEP_SUMMARY:-}}

fail() {
	echo "$*" >&2
	exit 2
}

command -v "$tf" >/dev/null || fail "There is no $tf: set TF to a terraform or a tofu."
command -v jq >/dev/null || fail "There is no jq."

# The report of a previous run must not be mistaken for this one's.
[ -z "${report:-}" ] || rm -f "$report"

# The CLI starts in another folder, from which a relative path leads elsewhere.
TMPDIR=$(cd "${TMPDIR:-/tmp}" && pwd) || fail "TMPDIR is not a folder."
export TMPDIR

# A plan file contains personal data: it is in a folder that nobody else can open,
# and is always deleted.
work=$(mktemp -d) || exit 2
child=
trap 'rm -rf "$work"' EXIT
trap stop HUP INT PIPE QUIT TERM

# run FILE COMMAND appends the output of the command to the file, and its errors to the
# log. A shell handles a signal only after its foreground command has ended, so the
# command runs in the background.
run() {
	output=$1
	shift
	"$@" >>"$output" 2>>"$work/log" &
	child=$!
	wait "$child"
}

# A second signal makes the CLI end without cleaning up.
stop() {
	trap 'kill "$child" 2>/dev/null' HUP INT PIPE QUIT TERM
	rm -rf "$work"
	while [ -n "$child" ] && kill "$child" 2>/dev/null; do wait "$child"; done
	fail "Stopped by a signal."
}

# init CONFIGURATION keeps the output only if it fails.
init() {
	: >"$work/log"
	run "$work/log" "$tf" -chdir="$1" init -input=false -no-color || return
	: >"$work/log"
}

# plan CONFIGURATION writes $work/log and $work/plan.json, which is empty if there is no readable plan.
plan() {
	: >"$work/plan.json"
	init "$1" || return
	planned=0
	run "$work/log" "$tf" -chdir="$1" plan -input=false -lock=false -json -out="$work/plan" || planned=$?
	if [ -f "$work/plan" ]; then
		run "$work/plan.json" "$tf" -chdir="$1" show -json "$work/plan" || : >"$work/plan.json"
		rm -f "$work/plan"
	fi
	return "$planned"
}

# conclude FILTER [JQ-OPTION...] computes the result, shows it, writes the report, and ends
# the script.
conclude() {
	filter=$here/$1
	shift
	result=$(jq -n -L "$here" --rawfile log "$work/log" "$@" -f "$filter") || fail "There is no readable result."
	show text || exit 2
	[ "${GITHUB_ACTIONS:-}" != true ] || show annotations || exit 2
	[ -z "${report:-}" ] || show junit >"$report" || exit 2
	[ -z "$summary" ] || show markdown >>"$summary" || exit 2
	case $(printf '%s' "$result" | jq .status) in
	0) exit 0 ;;
	1) exit 1 ;;
	*) exit 2 ;;
	esac
}

show() {
	printf '%s' "$result" | jq -r -L "$here" -f "$here/$1.jq"
}
