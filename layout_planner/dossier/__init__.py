"""The files of a merger: one dossier a school, the county plan, the notice, and the ledger behind every number."""
