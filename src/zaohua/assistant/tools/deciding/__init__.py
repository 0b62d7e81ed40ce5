"""Options weighed by criteria: exact totals, what unknown scores and other weights would change."""
