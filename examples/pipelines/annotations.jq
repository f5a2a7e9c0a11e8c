# A result as GitHub annotations, of which GitHub shows ten for each step. Escapes like
# its toolkit: https://github.com/actions/toolkit, packages/core/src/command.ts.
include "shown";

def data: gsub("%"; "%25") | gsub("\r"; "%0D") | gsub("\n"; "%0A");

def property: data | gsub(":"; "%3A") | gsub(","; "%2C");

shown.findings[]
| .lines |= if length > 11 then .[:10] + ["… see the log"] else . end
| "::\(if .result == "warning" then "warning" else "error" end) title=\("\(.result): \(.rule)" | property)::"
  + (.lines | join("\n") | data)
