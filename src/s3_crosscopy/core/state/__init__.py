"""What a run has done: ledger, batches, remaining key ranges, and the rules of resuming."""
