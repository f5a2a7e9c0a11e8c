# A rule that stops the plan. With -out, Terraform writes the plan nevertheless, and
# lists each rule by its ID in "checks".

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

  precondition {
    condition     = var.open == 0
    error_message = var.message
  }
}
