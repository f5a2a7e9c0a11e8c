# The findings of a rule as a text that fits into a report. It reads nothing.

variable "found" {
  description = "A line for each session that breaks the rule."
  type        = list(string)
}

output "number" {
  value = length(var.found)
}

output "text" {
  value = join("\n", concat(
    ["${length(var.found)} sessions:"],
    [for line in slice(var.found, 0, min(30, length(var.found))) : "  ${length(line) > 200 ? "${substr(line, 0, 199)}…" : line}"],
    length(var.found) > 30 ? ["  … and ${length(var.found) - 30} more"] : [],
  ))
}
