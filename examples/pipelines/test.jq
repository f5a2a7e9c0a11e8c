# The result of "terraform test", from $log, the output of "test -json". Each run is a rule.
include "clean";

[messages[] | select(.type == "test_run" and (.test_run.status | IN("pass", "fail", "error", "skip")))] as $runs
| [messages[] | select(.diagnostic.severity == "error")] as $errors
| def of($run): [$errors[] | select(."@testrun" == $run) | .diagnostic.detail // .diagnostic.summary] | unique | join("\n");
[
    $runs[].test_run
    | if .status == "fail" then finding("broken"; .run; of(.run))
      elif .status != "pass" then finding("unknown"; .run; "It was not evaluated.")
      else empty end
  ] as $found
| [$runs[].test_run | select(.status == "pass").run] as $passed
| [$runs[].test_run | select(.status == "fail").run] as $failed
| [[$errors[] | select(."@testrun" | IN($failed[]) | not).diagnostic] | findings_of("error"; "failed")] as $others
| [
    $found[], $others[], (diagnostics | findings_of("warning"; "warning")),
    if $found == [] and $others == [] and ([messages[].test_summary.status // empty] != ["pass"] or $passed == []) then
      finding("failed"; "The tests did not run"; log_tail)
    else empty end
  ] as $findings
| result($findings; $passed)
