#!/bin/sh
# Runs the gate, and sends a mail unless it passes. In a crontab, every morning:
#
#   17 5 * * * /opt/gate/cron.sh /opt/policy security@example.com
#
# The file gate.env beside this one, which nobody else may read, has lines such as
# ROCKETCHAT_URL=https://chat.example.com, and the same for ROCKETCHAT_USER_ID,
# ROCKETCHAT_AUTH_TOKEN and ROCKETCHAT_TOTP_SECRET. Also set a PATH with terraform
# and jq there, and SENDMAIL if it is not /usr/sbin/sendmail. The statuses are the
# gate's.
set -u
[ $# -eq 2 ] || { echo "Usage: cron.sh CONFIGURATION ADDRESS" >&2 && exit 2; }
here=$(cd "$(dirname "$0")" && pwd) || exit 2
set -a
# shellcheck disable=SC1091 # written by whoever installs this
[ ! -f "$here/gate.env" ] || . "$here/gate.env" || exit 2
set +a

text=$(mktemp) || exit 2
trap 'rm -f "$text"' EXIT
sh "$here/gate.sh" "$1" >"$text" 2>&1 &
gate=$!
trap 'kill "$gate" 2>/dev/null' HUP INT TERM
status=0
wait "$gate" || status=$?
# A signal ends the first wait before the gate has deleted its files.
! kill -0 "$gate" 2>/dev/null || { wait "$gate"; status=2; }
[ "$status" -ne 0 ] || exit 0

case $status in
1) subject="Session policy: a rule is broken" ;;
*) subject="Session policy: the rules could not be evaluated" status=2 ;;
esac
{
	printf '%s\n' "To: $2" "Subject: $subject" "MIME-Version: 1.0" \
		"Content-Type: text/plain; charset=utf-8" "Content-Transfer-Encoding: 8bit" ""
	cat "$text"
} | "${SENDMAIL:-/usr/sbin/sendmail}" -t -i || { cat "$text" && exit 2; }
exit "$status"
