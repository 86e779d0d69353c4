"""Proof that nothing is left: of Greycloak's own output, and of anybody's."""
