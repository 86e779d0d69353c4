"""Tell an identity from a word: what an object's identifiers are, how they are spelled, and how to cut them out.

One way for all: descriptors, content items, graphics, private text, text read from pixels, and the proof.
"""
