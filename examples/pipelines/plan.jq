# The result of a plan, from $log, the output of "plan -json", $ended, its exit code, and
# $plan, the output of "show -json", slurped. Terraform writes the plan even if conditions
# failed, and lists them in "checks".
include "clean";

# A check of the plan, or one of its instances, as a rule. An unknown status does not pass.
def rule($of): {
  rule: (.address.to_display // $of.to_display),
  kind: $of.kind,
  state: (.status | if . == "pass" or . == "fail" then . else "unknown" end),
  problems: [.problems[]?.message // empty]
};

# Each instance is a rule: with "for_each", its name has the key. The status of the check
# itself also counts; a check that passes without instances is switched off.
def rules:
  .address as $of
  | .status as $status
  | (.instances[]? | rule($of)), (select($status != "pass" and all(.instances[]?; .status != $status)) | rule($of));

($plan[0] | objects) // {} | .errored as $errored | [.checks | arrays[]] as $checks
| ((.output_changes | objects | with_entries(select(.key | endswith("findings_json")))) // {}) as $outputs
# The validation of a variable is not a rule, but must pass.
| [$checks[] | rules] as $rules
| [$rules[].problems[]] as $messages
| [diagnostics[] | select(.detail | IN($messages[]) | not)] as $others
| [diagnostics[].detail] as $details
| [
    $rules[]
    | if .state == "fail" and (.kind == "resource" or .kind == "output_value") then
        (.problems | if . == [] then ["It gives no message."] else . end)[] as $text | finding("broken"; .rule; $text)
      # A check warns. A failed read is also a problem of it, but not the message of an assertion.
      elif .state == "fail" and .kind == "check" and .problems != [] and all(.problems[]; IN($details[])) then
        .problems[] as $text | finding("warning"; .rule; $text)
      elif .state != "pass" then finding("unknown"; .rule; .problems | if . == [] then "It was not evaluated." else join("\n") end)
      else empty end
  ] as $found
| [$rules[] | select(.state == "pass" and .kind != "var").rule] as $passed
| [$others | findings_of("error"; "failed")] as $errors
| [
    $found[], $errors[], ($others | findings_of("warning"; "warning")),
    # A failure that none of these explains must not pass.
    if any($found[]; .result == "broken") or $errors != [] then empty
    elif $ended != 0 or $errored == true then
      finding("failed"; "The plan ended with exit code \($ended), and no rule is broken in it"; log_tail)
    elif ($plan[0].checks | type) != "array" then finding("failed"; "There is no readable plan with rules"; log_tail)
    elif $passed == [] and $found == [] then finding("failed"; "The plan evaluates no rule"; "")
    else empty end
  ] as $findings
| result($findings; $passed)
# Findings that the configuration itself gives as JSON; null if they are not JSON.
| if $outputs == {} then . else
    .given = ($outputs | with_entries({key, value: (.value.after | try fromjson catch null | walk(if type == "string" then clean else . end))}))
  end
