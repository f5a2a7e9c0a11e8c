# The result of a plan: from $log, what "plan -json" printed, $ended, its status, and
# $plan, what "show -json" printed of the plan, slurped. A plan whose conditions failed
# is written all the same, and lists them in "checks".
include "clean";

# A status that is not known is no pass.
def state:
  [.status, .instances[]?.status]
  | if any(. == "fail") then "fail" elif all(. == "pass") then "pass" else "unknown" end;

def problems: [.instances[]?.problems[]?.message // empty];

($plan[0] | objects) // {} | .errored as $errored | [.checks | arrays[]] as $checks
# The validation of a variable is no rule, but has to pass.
| [$checks[] | {rule: .address.to_display, kind: .address.kind, state: state, problems: problems,
    off: (.status == "pass" and (.instances // []) == [])}] as $rules
| [$rules[].problems[]] as $messages
| [diagnostics[] | select(.detail | IN($messages[]) | not)] as $others
| [diagnostics[].detail] as $details
| [
    $rules[]
    | if .state == "fail" and (.kind == "resource" or .kind == "output_value") then
        (.problems | if . == [] then ["It gives no message."] else . end)[] as $text | finding("broken"; .rule; $text)
      # A check warns. What it could not read is a problem, too, but no assertion's message.
      elif .state == "fail" and .kind == "check" and .problems != [] and all(.problems[]; IN($details[])) then
        .problems[] as $text | finding("warning"; .rule; $text)
      elif .state != "pass" then finding("unknown"; .rule; .problems | if . == [] then "It was not evaluated." else join("\n") end)
      else empty end
  ] as $found
| [$rules[] | select(.state == "pass" and .kind != "var" and (.off | not)).rule] as $passed
| [$others | told("error"; "failed")] as $errors
| [
    $found[], $errors[], ($others | told("warning"; "warning")),
    # An end that nothing of this explains must not pass.
    if any($found[]; .result == "broken") or $errors != [] then empty
    elif $ended != 0 or $errored == true then
      finding("failed"; "The plan ended with status \($ended), and no rule is broken in it"; noise)
    elif ($plan[0].checks | type) != "array" then finding("failed"; "There is no readable plan with rules"; noise)
    elif $passed == [] and $found == [] then finding("failed"; "The plan evaluates no rule"; "")
    else empty end
  ] as $findings
| result($findings; $passed)
