# The first run reads the workspace. Each of the others is a rule about its result,
# and a test case of its own in the report.

run "read" {}

run "older_than_30_days" {
  module {
    source = "./rule"
  }

  variables {
    found = run.read.older_than_30_days
  }

  assert {
    condition     = output.number == 0
    error_message = output.text
  }
}

run "outside" {
  module {
    source = "./rule"
  }

  variables {
    found = run.read.outside
  }

  assert {
    condition     = output.number == 0
    error_message = output.text
  }
}

run "unsupported" {
  module {
    source = "./rule"
  }

  variables {
    found = run.read.unsupported
  }

  assert {
    condition     = output.number == 0
    error_message = output.text
  }
}
