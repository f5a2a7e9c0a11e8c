# The data of data.jq as metrics in the text format of Prometheus.
def escaped: gsub("\\\\"; "\\\\") | gsub("\n"; "\\n") | gsub("\""; "\\\"");

def gauge($name; $help; samples): "# HELP rocketchat_gate_\($name) \($help)", "# TYPE rocketchat_gate_\($name) gauge",
  (samples | "rocketchat_gate_\($name)\(.)");

([.rules[] | select(.result == "broken" or .result == "passed")] | group_by(.name)) as $evaluated
| gauge("exit_code"; "0: no rule is broken; 1: a rule is broken; 2: the rules could not be evaluated."; " \({passed: 0, broken: 1}[.result] // 2)"),
gauge("broken_rules"; "Number of conditions that are broken."; " \(.broken)"),
gauge("findings"; "Number of conditions of a rule that are broken."; $evaluated[]
  | "{rule=\"\(.[0].name | escaped)\"} \(map(select(.result == "broken")) | length)"),
gauge("last_run_timestamp_seconds"; "Time at which the gate ended."; " \(.ended_at | fromdate)")
