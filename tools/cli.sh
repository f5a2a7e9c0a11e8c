#!/bin/sh
# Finds the CLI to work with: what TF_ACC_TERRAFORM_PATH names, else
# terraform, else tofu, else an OpenTofu built from the module registry.
#
#   tools/cli.sh                   prints its absolute path
#   tools/cli.sh COMMAND [ARG…]    runs COMMAND with the variables that make
#                                  terraform-plugin-testing use it, offline
set -eu

find_cli() {
	[ -z "${TF_ACC_TERRAFORM_PATH:-}" ] || {
		echo "$TF_ACC_TERRAFORM_PATH"
		return
	}
	command -v terraform || command -v tofu || {
		echo "Neither terraform nor tofu is on the PATH: using an OpenTofu of our own." >&2
		"$(dirname "$0")/tool.sh" opentofu tofu
	}
}

cli=$(find_cli)
[ $# -gt 0 ] || {
	echo "$cli"
	exit
}

# A configuration of the user's own could redirect the provider elsewhere.
unset TF_CLI_CONFIG_FILE
export TF_ACC=1 TF_ACC_TERRAFORM_PATH="$cli" CHECKPOINT_DISABLE=1
case $("$cli" version) in
OpenTofu*) export TF_ACC_PROVIDER_HOST=registry.opentofu.org ;;
esac
exec "$@"
