# Functions that the filters share. A result is
#   {status, title, broken, findings: [{result, rule, lines, left_out}], passed: [rule]}
# where "result" is broken, failed, unknown or warning. Its texts are clean and bounded. That
# of a plan can also have "given", findings as JSON.

# People choose names: remove invisible and control characters, characters that reverse
# the direction of text, and commands of CI systems. "::" is only a command at the
# beginning of a line, where no filter puts a text.
def clean:
  gsub("[\\p{C}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}]"; "\ufffd") | gsub("#(?=#)"; "# ");

def cut($most): if length > $most then .[:$most - 1] + "…" else . end;

def line: tostring | gsub("[\t\r\n]"; " ") | cut(300) | clean;

# At most 40 lines of at most 7000 characters together, and how many are left out.
def bounded:
  (rtrimstr("\n") | split("\n")) as $all
  | reduce ($all[:40][] | rtrimstr("\r") | gsub("\t"; " ") | cut(300) | clean) as $line
      ({size: 0, lines: []}; .size += ($line | length) | if .size <= 7000 then .lines += [$line] else . end)
  | {lines, left_out: (($all | length) - (.lines | length))};

def finding($result; $rule; $text): {result: $result, rule: ($rule | line)} + ($text | bounded);

def order: {broken: 0, failed: 1, unknown: 2, warning: 3}[.result];

def number($one; $more): if . == 1 then "1 " + $one else "\(.) " + $more end;

# result combines all findings and the names of the rules that passed.
def result($findings; $passed):
  ([$findings[] | select(.result == "broken")] | length) as $broken
  | ([$findings[] | select(.result == "warning")] | length) as $warnings
  | (($findings | length) - $broken - $warnings) as $unknown
  | {
      status: (if $broken > 0 then 1 elif $unknown > 0 then 2 else 0 end),
      broken: $broken,
      findings: [$findings | to_entries | sort_by((.value | order), .key)[].value],
      passed: ([$passed[] | line] | sort)
    }
  | .title = (if $broken > 0 then
        ($broken | number("rule is"; "rules are")) + " broken"
        + if $unknown > 0 then ", and not all could be evaluated" else "" end
      elif $unknown > 0 then "the rules could not be evaluated"
      elif $warnings > 0 then "passed, with " + ($warnings | number("warning"; "warnings"))
      else "no session breaks a rule" end);

# The name of a rule in Rego, from a result of conftest.
def policy: .metadata.query // "conftest" | sub("^data\\.(main\\.)?"; "");

# Terraform's log: a JSON object on each line, except for errors at the start.
def messages: [$log | split("\n")[] | fromjson? | objects];

def diagnostics: [messages[].diagnostic | objects];

# One finding for the same diagnostic of several addresses, which it names.
def findings_of($severity; $result):
  map(select(.severity == $severity)) | group_by([.summary, .detail])[]
  | finding($result; .[0].summary // $severity; [(.[0].detail // empty), (map(.address // empty) | unique[] | "with \(.)")] | join("\n"));

# The last lines of the log that are not JSON, for a failure that no diagnostic explains.
def log_tail: [$log | split("\n")[] | select(test("\\S") and ((fromjson? | objects) // null) == null)][-40:] | join("\n");
