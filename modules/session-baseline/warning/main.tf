# A rule that only warns.

variable "severity" {
  description = "Severity of the rule."
  type        = string
}

variable "open" {
  description = "Number of findings of the rule that are not waived."
  type        = number
}

variable "message" {
  description = "Warning if there are any."
  type        = string
}

check "findings" {
  # Terraform displays warnings in the order of their conditions: the most severe first.
  assert {
    condition     = var.severity != "critical" || var.open == 0
    error_message = var.message
  }

  assert {
    condition     = var.severity != "high" || var.open == 0
    error_message = var.message
  }

  assert {
    condition     = var.severity != "medium" || var.open == 0
    error_message = var.message
  }

  assert {
    condition     = var.severity != "low" || var.open == 0
    error_message = var.message
  }
}
