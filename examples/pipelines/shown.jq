# What a log and a summary show of a result, so that they stay below a megabyte, GitHub's limit.
def excess($most): [length - $most, 0] | max;

def shown:
  .left_out = (.findings | excess(20)) + (.passed | excess(50))
  | .findings |= .[:20]
  | .passed |= .[:50];
