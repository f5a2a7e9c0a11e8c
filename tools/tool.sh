#!/bin/sh
# Prints the path of a tool, building it first when it is missing or out of date.
#
#   tools/tool.sh MODULE NAME      as in: tools/tool.sh lint golangci-lint
#
# MODULE is a folder beside this file whose go.mod names and pins the tool.
# Binaries live in .tools/bin, and are built anew when that go.mod, its go.sum
# or the Go release changes.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
module=$root/tools/$1
name=$2
bin=$root/.tools/bin/$name

key=$({ cat "$module/go.mod" "$module/go.sum" && go env GOVERSION GOOS GOARCH; } | cksum)
if [ -x "$bin" ] && [ "$(cat "$bin.key" 2>/dev/null)" = "$key" ]; then
	echo "$bin"
	exit
fi

package=$(go list -C "$module" tool | grep -E "/$name(/v[0-9]+)?\$")
case $name in
goreleaser | tofu) minutes="up to ten minutes" ;;
golangci-lint | conftest) minutes="about four minutes" ;;
*) minutes="about a minute" ;;
esac
echo "Building $package into .tools/bin: $minutes the first time." >&2

mkdir -p "$root/.tools/bin"
trap 'rm -f "$bin.$$"' EXIT
# Without this flag, OpenTofu calls itself a development build, and behaves as one.
CGO_ENABLED=0 go build -C "$module" -trimpath -o "$bin.$$" \
	-ldflags "-s -w -X github.com/opentofu/opentofu/version.dev=no" "$package" >&2
mv "$bin.$$" "$bin"
echo "$key" >"$bin.key"
echo "$bin"
