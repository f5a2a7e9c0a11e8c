# The lines of a finding, and how many are left out.
def all_lines: .lines + if .left_out > 0 then ["… and \(.left_out) more lines"] else [] end;

# What a log and a summary show of a result, so that they stay below a megabyte, GitHub's limit.
def excess($most): [length - $most, 0] | max;

def shown:
  .left_out = (.findings | excess(20)) + (.passed | excess(50))
  | .findings |= (.[:20] | map(.lines = all_lines))
  | .passed |= .[:50];
