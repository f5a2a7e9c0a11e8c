# A rule that stops the plan. With -out, Terraform writes the plan nevertheless, and
# lists each rule by its ID in "checks".

variable "severity" {
  description = "Severity of the rule."
  type        = string
}

variable "open" {
  description = "Number of findings of the rule that are not waived."
  type        = number
}

variable "message" {
  description = "Error message if there are any."
  type        = string
}

output "open" {
  description = "Number of findings of the rule that are not waived."
  value       = var.open

  # Terraform displays errors in the order of their conditions: the most severe first.
  precondition {
    condition     = var.severity != "critical" || var.open == 0
    error_message = var.message
  }

  precondition {
    condition     = var.severity != "high" || var.open == 0
    error_message = var.message
  }

  precondition {
    condition     = var.severity != "medium" || var.open == 0
    error_message = var.message
  }

  precondition {
    condition     = var.severity != "low" || var.open == 0
    error_message = var.message
  }
}
