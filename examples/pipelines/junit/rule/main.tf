# The findings of a rule as a text for a report. It reads nothing.

variable "found" {
  description = "How many sessions break the rule, and a summary of them."
  type        = object({ number = number, text = string })
}

output "number" {
  value = var.found.number
}

output "text" {
  value = "${var.found.number} sessions:\n${var.found.text}"
}
