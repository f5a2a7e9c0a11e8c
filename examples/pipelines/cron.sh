#!/bin/sh
# Runs the gate, and sends a mail unless it passes without a warning. In a crontab, every
# morning:
#
#   17 5 * * * /opt/gate/cron.sh /opt/policy security@example.com
#
# The file gate.env beside this one, which nobody else may read, has lines such as
# ROCKETCHAT_URL=https://chat.example.com, and the same for ROCKETCHAT_USER_ID,
# ROCKETCHAT_AUTH_TOKEN and ROCKETCHAT_TOTP_SECRET. Also set a PATH with terraform
# and jq there, SENDMAIL if it is not /usr/sbin/sendmail, and for Prometheus GATE_METRICS,
# a file *.prom in the folder of the node exporter's text file collector. As the user of
# the crontab, run "make install" once in a clone of the provider. The exit codes are the
# gate's.
set -u
[ $# -eq 2 ] || { echo "Usage: cron.sh CONFIGURATION ADDRESS" >&2 && exit 2; }
here=$(cd "$(dirname "$0")" && pwd) || exit 2
configuration=$1 address=$2

# Whatever ends this script, even an error of the shell in gate.env, is mailed.
status=2 gate=''
text=$(mktemp) || exit 2
trap report EXIT
report() {
	trap - EXIT
	[ -s "$text" ] || echo "It ended before the gate." >"$text"
	# The metrics of the previous run must not stay if there was no gate to replace them.
	[ -n "$gate" ] || rm -f "${GATE_METRICS:-}"
	case $status in
	0)
		grep -q '^WARNING ' "$text" || finish
		subject="passed, with warnings"
		;;
	1) subject="a rule is broken" ;;
	*) subject="the rules could not be evaluated" status=2 ;;
	esac
	{
		printf '%s\n' "To: $address" "Subject: Session policy: $subject" "MIME-Version: 1.0" \
			"Content-Type: text/plain; charset=utf-8" "Content-Transfer-Encoding: 8bit" ""
		cat "$text"
	} | "${SENDMAIL:-/usr/sbin/sendmail}" -t -i || { status=2 && cat "$text" >&2; }
	finish
}
finish() {
	rm -f "$text"
	exit "$status"
}

if [ -e "$here/gate.env" ]; then
	loaded=0
	set -a
	# shellcheck disable=SC1091 # written by whoever installs this
	. "$here/gate.env" 2>"$text" || loaded=$?
	set +a
	[ "$loaded" -eq 0 ] || { echo "The last command in gate.env failed with exit code $loaded." >>"$text" && exit 2; }
fi

sh "$here/gate.sh" "$configuration" >>"$text" 2>&1 &
gate=$!
trap 'kill "$gate" 2>/dev/null' HUP INT TERM
ended=0
wait "$gate" || ended=$?
# A signal ends the first wait before the gate has deleted its files.
! kill -0 "$gate" 2>/dev/null || { wait "$gate"; ended=2; }
status=$ended
