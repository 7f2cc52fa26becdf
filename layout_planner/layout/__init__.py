"""The county's decisions: what closing or keeping a school means."""
