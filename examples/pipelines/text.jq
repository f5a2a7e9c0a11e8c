# A result as text, for a log or a mail. No line begins with a text of somebody else.
include "shown";

shown
| (.findings[] | "\(.result | ascii_upcase) \(.rule)", "  | \(.lines[])"),
(.passed[] | "PASSED \(.)"),
if .left_out > 0 then "… and \(.left_out) more" else empty end,
"Session policy: \(.title)."
