"""How many labels are wrong at most: promised, audited, verified."""
