"""State of a run: ledger, batches, remaining key ranges, and the rules for resuming."""
