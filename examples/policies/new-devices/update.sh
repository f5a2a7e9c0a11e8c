#!/bin/sh
# Writes the devices that are logged in now into known-devices.json, next to those that
# are there, and says which are new. Review the difference, and commit it.
#
# It ends with exit code 2 if the workspace could not be read; the file is then unchanged.
# TF is the CLI; by default terraform, or tofu if there is no terraform.
set -eu
umask 077
cd "$(dirname "$0")"
TF=${TF:-$(command -v terraform || command -v tofu || echo terraform)}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 2' HUP INT TERM

# The plan is written although the gate fails.
"$TF" plan -input=false -no-color -out="$folder/plan" >"$folder/log" 2>&1 || true
if ! "$TF" show -json "$folder/plan" >"$folder/plan.json" 2>/dev/null ||
	! jq -ej '.output_changes.known_devices.after' "$folder/plan.json" >"$folder/known-devices.json"; then
	cat "$folder/log" >&2
	echo "The devices could not be read: known-devices.json is unchanged." >&2
	exit 2
fi
cat "$folder/known-devices.json" >known-devices.json
jq -r '[.checks[].instances[]?.problems[]?.message | split("\n")[1:][]]
	| if . == [] then "No device is new." else "New in known-devices.json:", .[] end' "$folder/plan.json"
