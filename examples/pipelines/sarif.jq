# The SARIF of conftest for a page such as GitHub's code scanning, from it, $verdicts, the
# output of "conftest test --output json", slurped, and $file, which GitHub shows the results at.
# Conftest gives all rules one ID, by which GitHub tells alerts apart, and the location "-".
include "clean";
include "shown";

# A viewer takes brackets in a text for a link.
def text: bounded | all_lines | join("\n") | gsub("(?<c>[\\[\\]\\\\])"; "\\\(.c)");

([$verdicts[][] | (.failures, .warnings)[]? | {key: .msg, value: (policy | line)}] | from_entries) as $rules
| .runs[] |= (
    .results |= map(
      select(.level != "none") | .ruleId = ($rules[.message.text] // error("a result of no rule")) | del(.ruleIndex)
      | .message.text |= text
      | .locations[].physicalLocation.artifactLocation.uri = ($file | split("/") | map(@uri) | join("/"))
    )
    | .tool.driver.rules = ([.results[].ruleId] | unique | map({id: ., shortDescription: {text: .}}))
  )
