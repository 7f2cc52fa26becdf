"""Named, sourced rule sets and the findings that they give."""
