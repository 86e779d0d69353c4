"""What PythonQt makes of a C++ class of CTK or Slicer, rebuilt in Python from the signatures in its header.

PythonQt shows Python only a class's properties, its slots and invokable methods, its signals and its enumerations; it
matches arguments by position and type, knows no keywords, and turns the lists it returns into tuples.
"""

from __future__ import annotations

import functools
import inspect
import re
import sys
import traceback

NATIVE = "_standin_native"
"""Marks the classes that stand for C++; what inherits from one is a Python class, and free to have more attributes."""

TWO_WORDS = {"unsigned short"}


def is_native(cls):
    return NATIVE in vars(cls) or cls.__module__.startswith("PySide6.")


def normalized(signature):
    """Write a signature as moc does: ``f( const QString &, bool=false )`` is ``f(QString,bool=)``."""
    name, _, rest = signature.partition("(")
    parts = [_argument(part) for part in _split(rest.rpartition(")")[0])]
    return f"{name.strip().split()[-1]}({','.join(parts)})"


def _split(arguments):
    """Split at the commas that stand in no angle brackets."""
    return [part for part in re.split(r",(?![^<]*>)", arguments) if part.strip()]


def _argument(text):
    declared, default, _ = text.partition("=")
    declared = re.sub(r"\bconst\b", "", declared).replace("&", " ")
    declared = re.sub(r"\s*\*\s*", "* ", declared).strip()
    words = declared.split()
    # A trailing word is the parameter's name, unless the type itself has two words.
    if len(words) > 1 and " ".join(words) not in TWO_WORDS and not declared.endswith("*"):
        words = words[:-1]
    return " ".join(words) + ("=" if default else "")


def to_python(value):
    """Convert what a method returns as PythonQt does."""
    return tuple(value) if isinstance(value, list) else value


def _is_list_of_texts(value):
    return isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value)


def _is_number(value):
    return hasattr(value, "__index__")


CHECKS = {
    "QString": lambda value: isinstance(value, str),
    "char*": lambda value: isinstance(value, str),
    "QStringList": _is_list_of_texts,
    "bool": lambda value: isinstance(value, (bool, int)),
    "int": _is_number,
    "unsigned short": _is_number,
    "double": lambda value: _is_number(value) or isinstance(value, float),
    "QVariant": lambda _value: True,
}
"""What fits a simple type. PythonQt would make a text of anything; here that is an error, for it hides mistakes."""


def _fits(kind, value):
    if kind in CHECKS:
        return CHECKS[kind](value)
    if kind.endswith("*"):
        return value is None or _is_a(kind[:-1], value)
    if "::" in kind:
        return _is_number(value)  # an enumeration
    return _is_a(kind, value)


def _is_a(name, value):
    return any(cls.__name__ == name for cls in type(value).__mro__)


class Overload:
    """One signature of a method: which arguments it takes."""

    def __init__(self, signature):
        self.signature = normalized(signature)
        inside = self.signature.partition("(")[2][:-1]
        arguments = _split(inside)
        self.kinds = [argument.rstrip("=") for argument in arguments]
        self.required = sum(not argument.endswith("=") for argument in arguments)

    def takes(self, arguments):
        return self.required <= len(arguments) <= len(self.kinds) and all(map(_fits, self.kinds, arguments))


def slot(*signatures):
    """Let a method be called as C++ slots of these signatures are: by position, with the right types, or TypeError."""
    overloads = [Overload(signature) for signature in signatures]

    def decorate(function):
        @functools.wraps(function)
        def call(self, /, *arguments, **keywords):
            if keywords:
                raise TypeError(f"{function.__name__}() of C++ takes no keyword arguments: {', '.join(keywords)}")
            if not any(overload.takes(arguments) for overload in overloads):
                raise TypeError(
                    f"{function.__name__}() of C++ does not take {[type(each).__name__ for each in arguments]}: "
                    + ", ".join(overload.signature for overload in overloads)
                )
            return to_python(function(self, *arguments))

        call.standin_signatures = tuple(overload.signature for overload in overloads)
        return call

    return decorate


class Property:
    """A Q_PROPERTY: an attribute, which only takes values of its type, if it can be written at all."""

    def __init__(self, kind, getter, setter=None):
        self.kind = kind
        self.getter = getter
        self.setter = setter
        self.__doc__ = f"Property of type {kind}."

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner):
        return self if instance is None else to_python(self.getter(instance))

    def __set__(self, instance, value):
        if self.setter is None:
            raise AttributeError(f"Property '{self.name}' of {type(instance).__name__} object is not writable")
        if not _fits(self.kind, value):
            raise AttributeError(
                f"Property '{self.name}' of type '{self.kind}' does not accept an object of type {type(value).__name__}"
            )
        self.setter(instance, value)


def stored(kind, key, default):
    """Make a property that is no more than a value."""
    return Property(
        kind,
        lambda self: self.standin_state.setdefault(key, default),
        lambda self, value: self.standin_state.__setitem__(key, value),
    )


class Signal:
    """A signal with its overloads, as the header declares them."""

    def __init__(self, *signatures):
        self.signatures = tuple(normalized(signature) for signature in signatures)

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner):
        return self if instance is None else BoundSignal(instance, self.signatures)

    def __set__(self, instance, value):
        raise AttributeError(f"Signal '{self.name}' can not be overwritten on {type(instance).__name__} object")


class BoundSignal:
    """A signal of an object. Without a choice of overload PythonQt takes the one that was declared first."""

    def __init__(self, sender, signatures):
        self.sender = sender
        self.signatures = signatures

    def connect(self, receiver):
        return connect(self.sender, self.signatures[0], receiver)

    def disconnect(self, receiver=None):
        return disconnect(self.sender, self.signatures[0], receiver)

    def emit(self, *arguments):
        matching = [each for each in self.signatures if Overload(each).takes(arguments)]
        if not matching:
            raise TypeError(f"No signal of {', '.join(self.signatures)} takes {arguments!r}")
        emit(self.sender, matching[0], arguments)

    __call__ = emit


def signatures_of(obj):
    """Return the signatures of all signals an object has."""
    return {
        signature
        for cls in type(obj).__mro__
        for attribute in vars(cls).values()
        if isinstance(attribute, Signal)
        for signature in attribute.signatures
    }


def _checked(sender, signature):
    wanted = normalized(signature)
    if wanted not in signatures_of(sender):
        raise AttributeError(f"{type(sender).__name__} has no signal {signature!r}")
    return wanted


def _receivers(sender):
    return sender.standin_state.setdefault("receivers", {})


def connect(sender, signature, receiver, slot_name=None):
    """Connect by the signal's signature. (PythonQt would but say no to an unknown signal; here that is an error.)"""
    wanted = _checked(sender, signature)
    if slot_name is not None:
        receiver = getattr(receiver, slot_name.partition("(")[0])
    if not callable(receiver):
        raise TypeError(f"{receiver!r} is not callable")
    _receivers(sender).setdefault(wanted, []).append(receiver)
    return True


def disconnect(sender, signature, receiver=None):
    receivers = _receivers(sender).get(_checked(sender, signature), [])
    if receiver is None:
        found = bool(receivers)
        receivers.clear()
        return found
    if receiver not in receivers:
        return False
    receivers.remove(receiver)
    return True


def emit(sender, signature, arguments):
    """Call whoever is connected. An error in one is printed, and the others are called all the same."""
    for receiver in tuple(_receivers(sender).get(signature, ())):
        try:
            receiver(*[to_python(each) for each in arguments[: arity(receiver, len(arguments))]])
        except Exception:  # noqa: BLE001 # PythonQt prints whatever it is
            traceback.print_exc(file=sys.stderr)


def arity(receiver, most):
    """PythonQt gives a function or method no more arguments than it takes, and anything else all there are."""
    function = getattr(receiver, "__func__", receiver)
    if not inspect.isfunction(function) or function.__code__.co_flags & inspect.CO_VARARGS:
        return most
    return function.__code__.co_argcount - (function is not receiver)


class Connectable:
    """The string form of connecting, which PySide6 keeps for itself on its own classes."""

    def connect(self, signature, receiver, slot_name=None):
        return connect(self, signature, receiver, slot_name)

    def disconnect(self, signature, receiver=None):
        return disconnect(self, signature, receiver)


class ForeignObject(Connectable):
    """A QObject of CTK or Slicer that is no widget."""

    _standin_native = True

    def __new__(cls, *_arguments, **_keywords):
        instance = super().__new__(cls)
        object.__setattr__(instance, "standin_state", {})
        return instance

    def __setattr__(self, name, value):
        set_attribute(self, name, value, object.__setattr__)

    @slot("className()")
    def className(self):  # Qt's name
        return next(cls.__name__ for cls in type(self).__mro__ if is_native(cls))

    @slot("deleteLater()")
    def deleteLater(self):  # Qt's name
        pass


class Loading:
    """While a form is loaded, PySide6 makes its widgets attributes of the topmost one, and PythonQt does not."""

    now = False


def set_attribute(obj, name, value, fallback):
    """Set an attribute if PythonQt would: a property, or anything on an instance of a Python class."""
    if Loading.now:
        return
    for cls in type(obj).__mro__:
        attribute = vars(cls).get(name)
        if attribute is None:
            continue
        if hasattr(attribute, "__set__"):
            attribute.__set__(obj, value)
            return
        if is_native(cls) and callable(attribute):
            raise AttributeError(f"Slot '{name}' can not be overwritten on {type(obj).__name__} object")
    if is_native(type(obj)):
        raise AttributeError(
            f"'{name}' does not exist on {type(obj).__name__} and creating new attributes on C++ objects is not allowed"
        )
    fallback(obj, name, value)


def members(cls):
    """Return what a foreign class has of its own, for the tests that compare it with the header."""
    return {name: each for name, each in vars(cls).items() if not name.startswith(("_", "standin"))}
