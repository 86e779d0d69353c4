"""Check the output of any de-identification, Greycloak's or another's, with the originals at hand or without.

`verify.verify` does it; `findings` says what it gives.
"""
