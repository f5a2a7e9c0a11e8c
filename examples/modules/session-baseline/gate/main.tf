# A rule that stops the plan. A plan with -out is written all the same, and lists
# each rule by its id in "checks".

variable "open" {
  description = "How many findings of the rule are not waived."
  type        = number
}

variable "message" {
  description = "What to say of them."
  type        = string
}

output "open" {
  description = "How many findings of the rule are not waived."
  value       = var.open

  precondition {
    condition     = var.open == 0
    error_message = var.message
  }
}
