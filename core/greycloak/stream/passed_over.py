"""Elements that are accounted for and kept, whatever they hold."""

from __future__ import annotations

from functools import lru_cache

from greycloak.stream.encoding import IMPLICIT_LITTLE, Encoding
from greycloak.stream.levels import Instruction, Level, Verb


class PassedOver(Level):
    """A level that keeps everything; only values of undefined length are looked into, to find their end."""

    def instruction(self, tag: int, vr: str) -> Instruction:
        """Keep."""
        level = passed_over(self.encoding if vr in {"SQ", ""} else IMPLICIT_LITTLE)
        return Instruction(Verb.KEEP, tag, vr, self.encoding.is_long(vr), level=level)


@lru_cache(maxsize=4)
def passed_over(encoding: Encoding) -> PassedOver:
    """Return the level of an encoding."""
    return PassedOver(encoding)
