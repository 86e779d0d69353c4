"""Reports for people: previews and verifications, for the terminal, as pages and as data."""
