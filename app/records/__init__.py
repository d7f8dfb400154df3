"""What is kept of a change and told to others: the audit trail, and mails."""
