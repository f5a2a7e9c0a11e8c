#!/bin/sh
# Builds this platform's part of a release, unsigned, and installs its zip with
# terraform and tofu as from a mirror. See "make release-check".
set -eu
cd "$(dirname "$0")/.."
goreleaser=$(tools/tool.sh release goreleaser)
# Whichever are at hand; one is built where none is.
clis=$(command -v terraform || :; command -v tofu || ls "$PWD/.tools/bin/tofu" 2>/dev/null || :)
[ -n "$clis" ] || clis=$(tools/cli.sh)

work=$(mktemp -d)
simulator=
cleanup() {
	[ -z "$simulator" ] || kill "$simulator" 2>/dev/null || :
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' HUP INT PIPE TERM

fail() {
	echo "$*" >&2
	exit 1
}
# quietly COMMAND: its output only when it fails.
quietly() {
	"$@" >"$work/log" 2>&1 || {
		cat "$work/log" >&2
		fail "Failed: $*"
	}
}
hash_of() { { sha256sum "$1" 2>/dev/null || shasum -a 256 "$1"; } | cut -d ' ' -f 1; }

# One platform of the list: the others say nothing more here, and take minutes.
platform=$(go env GOOS)_$(go env GOARCH)
awk -v ours="      - $platform" '!/^      - [a-z]+_[a-z0-9]+$/ || $0 == ours' .goreleaser.yml >"$work/goreleaser.yml"
grep -q "^      - $platform\$" "$work/goreleaser.yml" || fail "$platform is not among the platforms of a release."

echo "Building the release for $platform"
quietly "$goreleaser" check .goreleaser.yml
quietly "$goreleaser" release --config "$work/goreleaser.yml" --snapshot --clean --skip=sign,sbom
sums=$(ls dist/*_SHA256SUMS)
name=$(basename "$sums" _SHA256SUMS)
version=${name#terraform-provider-rocketchat_}
zip=${name}_$platform.zip

# The registries look for these names, and for a sum of each.
printf '%s  %s\n' "$(hash_of terraform-registry-manifest.json)" "${name}_manifest.json" "$(hash_of "dist/$zip")" "$zip" |
	LC_ALL=C sort >"$work/sums"
LC_ALL=C sort "$sums" | diff "$work/sums" - >&2 || fail "$sums is not what it should be."

for host in registry.terraform.io registry.opentofu.org; do
	mkdir -p "$work/mirror/$host/terraform-rocketchat/rocketchat"
	cp "dist/$zip" "$work/mirror/$host/terraform-rocketchat/rocketchat/"
done
cat >"$work/cli.tfrc" <<EOF
provider_installation {
  filesystem_mirror {
    path = "$work/mirror"
  }
}
EOF
cat >"$work/contents" <<EOF
CHANGELOG.md
LICENSE
THIRD-PARTY-NOTICES
terraform-provider-rocketchat_v$version
EOF

quietly go build -o bin/ ./cmd/rocketchat-simulator
bin/rocketchat-simulator -listen 127.0.0.1:0 -env-file "$work/env" >"$work/simulator.log" 2>&1 &
simulator=$!
until [ -s "$work/env" ]; do
	kill -0 "$simulator" 2>/dev/null || fail "$(cat "$work/simulator.log")"
	sleep 0.1
done
# shellcheck disable=SC1091 # written by the simulator: the provider's environment
. "$work/env"
export TF_CLI_CONFIG_FILE="$work/cli.tfrc" TF_CLI_ARGS=-no-color TF_INPUT=0 CHECKPOINT_DISABLE=1

for cli in $clis; do
	echo "Installing $zip with $("$cli" version | head -n 1)"
	folder=$work/$(basename "$cli")
	mkdir "$folder"
	# A version before a release is only taken when asked for by name.
	awk -v version="$version" '{print} /source = /{print "      version = \"" version "\""}' examples/demo/main.tf >"$folder/main.tf"
	quietly "$cli" -chdir="$folder" init
	(cd "$folder"/.terraform/providers/*/terraform-rocketchat/rocketchat/"$version/$platform" &&
		find . -type f | sed "s|^\./||" | LC_ALL=C sort | diff "$work/contents" - >&2) || fail "$zip does not hold what it should."
	# The folders beside the binary carry the version, too, but not what is in it.
	grep -aq "$version" "$folder"/.terraform/providers/*/terraform-rocketchat/rocketchat/"$version/$platform"/terraform-provider-* ||
		fail "The provider is not stamped with its version, $version."
	quietly "$cli" -chdir="$folder" validate
	quietly "$cli" -chdir="$folder" plan
	grep -q '+ total *= 9$' "$work/log" || fail "The plan does not hold the nine sessions: $(cat "$work/log")"
done
echo "Version $version installs, validates and plans."
