"""Rules at work: what a workspace's rules may name, what they would do to a ticket, and doing it."""
