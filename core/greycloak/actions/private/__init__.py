"""Private blocks: formats of makers inside of one value, cleaned as far as they are understood.

A block of a known format is reduced to what measures an image: what is not on the format's own list goes. Any other
block is searched for the object's identifiers, in all encodings and inside of compressed streams.
"""

from greycloak.actions.private.blocks import clean_block, is_known_block

__all__ = ["clean_block", "is_known_block"]
