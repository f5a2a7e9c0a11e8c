# A result as a JUnit report: a test case for each rule, whatever is found of it.
include "shown";

def text: [.[] | "\(.result): \(all_lines | join("\n"))"] | join("\n") | @html;

def element($name): if . == [] then empty else "<\($name) message=\"\(.[0].lines[0] // "" | @html)\">\(text)</\($name)>" end;

def case: .[0].rule as $rule
  | "<testcase classname=\"Session policy\" name=\"\($rule | @html)\">",
    (map(select(.result == "broken")) | element("failure")),
    (map(select(.result == "failed" or .result == "unknown")) | element("error")),
    (map(select(.result == "warning")) | if . == [] then empty else "<system-out>\(text)</system-out>" end),
    "</testcase>";

([.findings[], (.passed[] | {result: "passed", rule: ., lines: [], left_out: 0})] | group_by(.rule)) as $cases
| def number(f): [$cases[] | select(any(.[]; f))] | length;
number(.result == "broken") as $failures
| number(.result == "failed" or .result == "unknown") as $errors
| "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
  "<testsuites>",
  "<testsuite name=\"Session policy\" tests=\"\($cases | length)\" failures=\"\($failures)\" errors=\"\($errors)\">",
  ($cases[] | case),
  "</testsuite>",
  "</testsuites>"
