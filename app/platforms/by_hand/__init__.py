"""Any network, posted by a person: composed and gated as usual, then handed over as text to copy."""
