"""Let a site's own function decide about an element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from greycloak.actions.data_set_view import ElementView
from greycloak.outcomes import Refused
from greycloak.profiles.actions import load_script
from greycloak.profiles.values import NUMBER_VRS, encode_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.actions.context import ObjectContext
    from greycloak.profiles import Action
    from greycloak.stream import Encoding, Path


def script_mapping(
    tag: int, vr: str, encoding: Encoding, asked: Action, otherwise: bytes
) -> Callable[[ObjectContext, bytes, Path], bytes | None]:
    """Return the mapping that asks a function ``(element, data_set) -> new value or None``.

    Parameters
    ----------
    tag, vr, encoding
        The attribute.
    asked : Action
        Names the function.
    otherwise : bytes
        The element that is written when the function returns None: nothing, or what the attribute's Type demands.

    Notes
    -----
    Whatever goes wrong quarantines the object; the message of a foreign exception may hold values, so it is not told.
    """
    function = load_script(str(asked.value))

    def mapping(context: ObjectContext, value: bytes, path: Path) -> bytes | None:
        assert context.data_set is not None
        try:
            held_in = context.data_set().item_at(path)
            shown = ElementView(tag, vr, held_in.value_of(tag), value)
            new = function(shown, held_in)
            if new is None:
                return otherwise
            return encoding.element(tag, vr, _encoded(new, vr, encoding))
        except Exception as error:  # noqa: BLE001  a foreign function may do anything
            raise Refused("script-failed", f"{asked.value}: {type(error).__name__}") from None

    return mapping


def _encoded(new: Any, vr: str, encoding: Encoding) -> bytes:  # noqa: ANN401  a function may return anything
    if isinstance(new, bytes):
        return new
    if isinstance(new, list | tuple):
        parts = [_encoded(one, vr, encoding) for one in new]
        return (b"" if vr in NUMBER_VRS else b"\\").join(parts)
    return encode_value(new if isinstance(new, int | float) else str(new), vr, encoding)
