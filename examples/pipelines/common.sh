# Functions that the scripts beside this file share; they set "here", and "report" if
# they write a JUnit report. The exit codes are
#   0  no rule is broken
#   1  a rule is broken
#   2  the rules could not be evaluated
# Environment variables:
#   TF            the CLI; by default terraform, or tofu if there is no terraform
#   GATE_SUMMARY  the file to append a summary in Markdown to; by default GitHub's
#   GATE_JSON     the file to write the rules and their findings to, as JSON
#   GATE_METRICS  the file to write metrics for Prometheus to
# shellcheck shell=sh disable=SC2154

tf=${TF:-$(command -v terraform || command -v tofu || echo terraform)}
summary=${GATE_SUMMARY:-${GITHUB_STEP_SUMMARY:-}}
json=${GATE_JSON:-} metrics=${GATE_METRICS:-}

fail() {
	echo "$*" >&2
	exit 2
}

# finish writes what other programs read, whatever ends the script. If a part of it cannot
# be written, the rest says that there was an error.
data='' broken=0 work='' child=''
finish() {
	code=$?
	trap - EXIT
	rm -rf "$work"
	[ -n "$data" ] || data=$(nothing)
	{ deliver && outputs; } || { code=2 broken=0 data=$(nothing) && deliver; outputs; }
	exit "$code"
}

deliver() {
	delivered=0
	[ -z "$metrics" ] || put "$metrics" 644 "$(printf '%s' "$data" | jq -r -f "$here/metrics.jq")" || delivered=1
	[ -z "$json" ] || put "$json" 600 "$data" || delivered=1
	return "$delivered"
}

# GitHub's outputs are only words and numbers of these scripts.
outputs() {
	[ -n "${GITHUB_OUTPUT:-}" ] || return 0
	case $code in 0) said=passed ;; 1) said=broken ;; *) said=error ;; esac
	printf 'result=%s\nbroken=%d\n' "$said" "$broken" >>"$GITHUB_OUTPUT"
}

# nothing is the data of a script that ended without a result.
nothing() {
	printf '{"result": "error", "broken": 0, "ended_at": "%s", "rules": []}' "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
}

# A device or a link must neither be removed nor replaced.
replaceable() { [ ! -h "$1" ] && { [ ! -e "$1" ] || [ -f "$1" ]; }; }

# put FILE MODE TEXT replaces the file in one step. In a trap, "return" needs a status.
put() {
	replaceable "$1" || return 1
	[ -n "$3" ] && new=$(mktemp "$1.XXXXXX") && printf '%s\n' "$3" >"$new" && chmod "$2" "$new" && mv -f "$new" "$1" && return 0
	rm -f "${new:-}" "$1"
	echo "$1 could not be written." >&2
	return 1
}

trap finish EXIT
trap stop HUP INT PIPE QUIT TERM

# The files of a previous run must not be mistaken for this one's. The metrics stay until
# they are replaced, because Prometheus reads them at any time.
for file in "${report:-}" "$json" "${sarif:-}" "$metrics"; do
	replaceable "$file" || fail "$file is not a file."
done
rm -f "${report:-}" "$json" "${sarif:-}" || exit 2

command -v "$tf" >/dev/null || fail "There is no $tf: set TF to a terraform or a tofu."
command -v jq >/dev/null || fail "There is no jq."

# The CLI starts in another folder, from which a relative path leads elsewhere.
TMPDIR=$(cd "${TMPDIR:-/tmp}" && pwd) || fail "TMPDIR is not a folder."
export TMPDIR

# A plan file contains personal data: it is in a folder that nobody else can open,
# and is always deleted.
work=$(mktemp -d) || exit 2

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
	data='' broken=0
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

# judge FILTER [JQ-OPTION...] computes the result.
judge() {
	filter=$here/$1
	shift
	result=$(jq -n -L "$here" --rawfile log "$work/log" "$@" -f "$filter") || fail "There is no readable result."
}

# conclude shows the result, writes the report, and ends the script.
conclude() {
	show text || exit 2
	[ "${GITHUB_ACTIONS:-}" != true ] || show annotations || exit 2
	[ -z "${report:-}" ] || show junit >"$report" || exit 2
	[ -z "$summary" ] || show markdown >>"$summary" || exit 2
	status=$(printf '%s' "$result" | jq .status) || exit 2
	broken=$(printf '%s' "$result" | jq .broken) || exit 2
	data=$(show data) || exit 2
	exit "$status"
}

show() {
	printf '%s' "$result" | jq -r -L "$here" -f "$here/$1.jq"
}
