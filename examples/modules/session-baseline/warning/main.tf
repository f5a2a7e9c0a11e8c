# A rule that warns, and stops nothing.

variable "open" {
  description = "How many findings of the rule are not waived."
  type        = number
}

variable "message" {
  description = "What to say of them."
  type        = string
}

check "findings" {
  assert {
    condition     = var.open == 0
    error_message = var.message
  }
}
