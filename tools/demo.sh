#!/bin/sh
# Reads a simulated workspace that demands a second factor and limits the rate
# of calls, then fails a gate, with the provider as it stands. See "make demo".
set -eu
cd "$(dirname "$0")/.."
cli=$(tools/cli.sh)
name=$(basename "$cli")

work=$(mktemp -d)
simulator=
cleanup() {
	[ -z "$simulator" ] || kill "$simulator" 2>/dev/null || :
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' HUP INT PIPE TERM

# Colors are for people.
bold='' plain=''
if { [ -t 1 ] || [ -n "${CLICOLOR_FORCE:-}" ]; } && [ -z "${NO_COLOR:-}" ]; then
	bold=$(printf '\033[1m') plain=$(printf '\033[0m')
else
	export TF_CLI_ARGS=-no-color
fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
run() {
	printf '$ %s %s\n' "$name" "$*"
	"$cli" "$@"
}
# quietly COMMAND: its output only when it fails.
quietly() {
	"$@" >"$work/log" 2>&1 || {
		cat "$work/log" >&2
		exit 1
	}
}

# One of those that "go run ./cmd/rocketchat-simulator -h" lists.
release=${RELEASE:-8.6.1}

say "Building the provider and a simulated workspace, Rocket.Chat $release"
quietly make install PLUGIN_DIR="$work/plugins"
quietly go build -o bin/ ./cmd/rocketchat-simulator
cp -R examples/demo "$work/demo"
rm -rf "$work"/demo/.terraform* "$work"/demo/gate/.terraform* "$work"/demo/*.tfstate*

bin/rocketchat-simulator -release "$release" -listen 127.0.0.1:0 -env-file "$work/env" >"$work/simulator.log" 2>&1 &
simulator=$!
until [ -s "$work/env" ]; do
	kill -0 "$simulator" 2>/dev/null || {
		cat "$work/simulator.log" >&2
		exit 1
	}
	sleep 0.1
done
# shellcheck disable=SC1091 # written by the simulator: the provider's environment
. "$work/env"

# Only what was just built, whatever else the user has set up.
cat >"$work/cli.tfrc" <<EOF
provider_installation {
  filesystem_mirror {
    path = "$work/plugins"
  }
}
EOF
export TF_CLI_CONFIG_FILE="$work/cli.tfrc" CHECKPOINT_DISABLE=1 TF_INPUT=0

say "Every session of $ROCKETCHAT_URL, behind TOTP and ten calls a minute (examples/demo)"
cd "$work/demo"
quietly "$cli" init
printf '$ %s apply -auto-approve\n' "$name"
quietly "$cli" apply -auto-approve
grep 'Apply complete' "$work/log"
run output -raw table
echo

say "A rule that two of them break (examples/demo/gate)"
cd gate
quietly "$cli" init
status=0
run plan >"$work/log" 2>&1 || status=$?
cat "$work/log"
if [ "$status" -ne 1 ] || ! grep -q 'postcondition failed' "$work/log"; then
	echo "The rule should fail with exit code 1, but ended with exit code $status." >&2
	exit 1
fi
echo "Exit code 1, as expected: a pipeline stops here."

say "To read your own workspace, run \"make install\", set these variables, and plan examples/account-check"
cat <<'EOF'
ROCKETCHAT_URL          URL of the workspace, such as https://chat.example.com
ROCKETCHAT_USER_ID      ID of the user that the token belongs to
ROCKETCHAT_AUTH_TOKEN   personal access token
ROCKETCHAT_TOTP_SECRET  TOTP secret of the account, if it has a second factor
EOF
