# A result as Markdown with HTML, for the summary of a step or an artifact.
include "shown";

def mark: {broken: "❌", failed: "❓", unknown: "❓", warning: "⚠"}[.] + " " + .;

# Entities prevent markup, links and the end of a cell. A block of HTML contains no
# Markdown, so @html suffices there.
def escaped:
  gsub("(?<c>[&<>\"'|`*_~$@:\\[\\]\\\\]|(?<=[wW]{3})\\.)"; "&#\(.c | explode[0]);");

def row($cells): "| " + ($cells | join(" | ")) + " |";

shown
| "## Session policy: \(.title)", "",
row(["result", "rule", "finding"]), "|---|---|---|",
(.findings[] | row([(.result | mark), "<code>\(.rule | escaped)</code>", (.lines[0] // "" | escaped)])),
(.passed[] | row(["✅ passed", "<code>\(escaped)</code>", ""])),
if .left_out > 0 then row(["", "… and \(.left_out) more", ""]) else empty end, "",
(.findings[] | select(.lines | length > 1)
  | "<details><summary>\(.result | mark): <code>\(.rule | @html)</code></summary>", "",
    "<pre>", (.lines[] | @html), "</pre>", "", "</details>", "")
