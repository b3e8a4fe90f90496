"""The ledger of an agreement: records that are only ever added, each bound to the one before by its hash."""
