"""What may be said about it: how sure the order is, where reviewers differ, what chance decides; changes no rank."""
