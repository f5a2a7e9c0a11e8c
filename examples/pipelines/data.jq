# A result as data for other programs. Like the title, it has an entry for each condition of a
# rule that is broken.
{
  result: ["passed", "broken", "error"][.status],
  broken,
  ended_at: (now | todate),
  rules: [
    (.findings[] | {name: .rule, result: (.result | if . == "failed" then "error" else . end), lines, left_out}),
    (.passed[] | {name: ., result: "passed", lines: [], left_out: 0})
  ]
} + if .given then {findings: .given} else {} end
