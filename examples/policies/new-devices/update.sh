#!/bin/sh
# Writes the devices that are logged in now into known-devices.json, next to those that
# are there. Run it in the folder of the policy, review the difference, and commit it.
#
# It ends with exit code 2 if the workspace could not be read; the file is then unchanged.
set -eu
umask 077
TF=${TF:-terraform}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 2' HUP INT TERM

# The plan is written although the gate fails.
"$TF" plan -input=false -out="$folder/plan" || true
if ! "$TF" show -json "$folder/plan" >"$folder/plan.json" ||
	! jq -ej '.output_changes.known_devices.after' "$folder/plan.json" >"$folder/known-devices.json"; then
	echo "The devices could not be read: known-devices.json is unchanged." >&2
	exit 2
fi
cat "$folder/known-devices.json" >known-devices.json
