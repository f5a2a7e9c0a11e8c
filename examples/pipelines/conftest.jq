# The result of conftest, from $log and $ended, as in plan.jq, $verdicts and $passed, the outputs
# of "conftest test --output json" for all rules and for the package "passed", and $checked, its
# exit code.
include "clean";

# One finding for each rule. A rule that could not be evaluated says so in its metadata.
def findings($result):
  group_by(policy)[]
  | finding(if any(.[]; .metadata.unevaluated == true) then "unknown" else $result end; .[0] | policy; map(.msg) | join("\n"));

[$verdicts | fromjson? | arrays[] | select(.namespace != "passed")] as $all
| [diagnostics | findings_of("error"; "failed")] as $errors
| ([$all[].successes // 0] | add // 0) as $number
| [[$all[].failures[]?] | findings("broken")] as $failures
| [
    $failures[], ([$all[].warnings[]?] | findings("warning")),
    $errors[], (diagnostics | findings_of("warning"; "warning")),
    if $failures == [] and $errors == [] and ($ended != 0 or $checked != 0 or $number == 0) then
      finding("failed"; "The policies were not evaluated"; log_tail)
    else empty end
  ] as $findings
| [$passed | fromjson? | arrays[] | select(.namespace == "passed").warnings[]?.msg] as $names
| result($findings;
    if $names != [] or $number == 0 or any($findings[]; .result == "unknown") then $names else ["\($number) policies"] end)
