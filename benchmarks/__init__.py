"""How fast tagasc is, as ratios within one run; RECORD.md keeps what was measured."""
