# The result of conftest, from $log and $ended, as in plan.jq, and $verdicts, the output
# of "conftest test --output json".
include "clean";

[$verdicts | fromjson? | arrays[]] as $all
| [diagnostics | findings_of("error"; "failed")] as $errors
| ([$all[].successes // 0] | add // 0) as $passed
| [$all[].failures[]?.msg | line] as $failures
| [$all[].warnings[]?.msg | line] as $warnings
| [
    if $failures != [] then finding("broken"; "conftest"; [($failures | length | number("finding:"; "findings:")), "  " + $failures[]] | join("\n")) else empty end,
    if $warnings != [] then finding("warning"; "conftest"; [($warnings | length | number("warning:"; "warnings:")), "  " + $warnings[]] | join("\n")) else empty end,
    $errors[], (diagnostics | findings_of("warning"; "warning")),
    if $failures == [] and $errors == [] and ($ended != 0 or $passed == 0) then
      finding("failed"; "The policies were not evaluated"; log_tail)
    else empty end
  ]
| result(.; if $passed > 0 then ["\($passed) policies"] else [] end)
