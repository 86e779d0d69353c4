"""A re-creation of MIDI-B's benchmark: identifiers planted in real objects, an answer key in its schema, a scorer."""
