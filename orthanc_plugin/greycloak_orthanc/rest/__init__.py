"""What REST callers ask, and what they are told."""
