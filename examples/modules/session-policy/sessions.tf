variable "sessions" {
  description = "The sessions of a rocketchat_workspace_sessions. Every field may be null."
  type = list(object({
    session_id = optional(string)
    user_id    = optional(string)
    ip         = optional(string)
    login_at   = optional(string)
    device = optional(object({
      os = optional(object({
        name    = optional(string)
        version = optional(string)
      }))
    }))
    user = optional(object({
      username = optional(string)
    }))
  }))
  nullable = false
}
