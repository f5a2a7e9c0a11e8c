# A rule that only warns.

variable "open" {
  description = "Number of findings of the rule that are not waived."
  type        = number
}

variable "message" {
  description = "Warning if there are any."
  type        = string
}

check "findings" {
  assert {
    condition     = var.open == 0
    error_message = var.message
  }
}
