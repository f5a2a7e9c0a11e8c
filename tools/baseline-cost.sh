#!/bin/sh
# Compares the apply of the module session-baseline, all rules on, with that of one
# data source without arguments, in turn, on a simulated workspace:
#
#   tools/baseline-cost.sh [SESSIONS [ROUNDS]]    by default 50000 and 3
#
# Prints seconds: real, user, system.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
terraform=$(tools/cli.sh)
work=$(mktemp -d)
simulator=
trap '[ -z "$simulator" ] || kill "$simulator"; rm -rf "$work"' EXIT
go build -o "$work/" . ./cmd/rocketchat-simulator
"$work/rocketchat-simulator" -listen 127.0.0.1:0 -sessions "${1:-50000}" -rate-limit off -account totp -env-file "$work/env" >"$work/log" 2>&1 &
simulator=$!
while [ ! -f "$work/env" ]; do kill -0 "$simulator" && sleep 0.1; done
# shellcheck disable=SC1091 # written by the simulator
. "$work/env"

cat >"$work/cli.tfrc" <<CONFIG
provider_installation {
  dev_overrides {
    "terraform-rocketchat/rocketchat" = "$work"
  }
  direct {}
}
CONFIG
export TF_CLI_CONFIG_FILE="$work/cli.tfrc"
mkdir "$work/one" "$work/all"
head='terraform {
  required_providers {
    rocketchat = { source = "terraform-rocketchat/rocketchat" }
  }
}
'
printf '%s\ndata "rocketchat_workspace_sessions" "all" {}\n' "$head" >"$work/one/main.tf"
cat >"$work/all/main.tf" <<CONFIG
$head
module "baseline" {
  source           = "$root/examples/modules/session-baseline"
  networks         = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"]
  service_accounts = { username = "^user\\\\.1", sessions = 3 }
  fail_on          = "none"
}

output "markdown" {
  value = module.baseline.markdown
}
CONFIG
"$terraform" -chdir="$work/all" get >/dev/null
for _ in $(seq "${2:-3}"); do
	for name in one all; do
		rm -f "$work/$name"/terraform.tfstate*
		command time -f "$name  %e real  %U user  %S system" "$terraform" -chdir="$work/$name" apply -auto-approve -input=false -json >/dev/null 2>"$work/time" || { cat "$work/time" && exit 1; }
		tail -n 1 "$work/time"
	done
done
