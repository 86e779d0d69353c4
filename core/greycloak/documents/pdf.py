"""PDF documents: rebuilt from what their pages show, if that is text and lines; the extra ``documents`` reads them."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

from greycloak.documents.proof import Cleaned, UnprovenError
from greycloak.quiet import quiet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_PAGES = 500
MAX_SIZE = 1 << 26
MAX_LINES = 5_000
"""Lines that a document may draw: rulers and tables need some, letters that are drawn need more."""

_MAX_DEPTH = 8
_PAGE = ("/Type", "/MediaBox", "/CropBox", "/Rotate", "/Resources", "/Contents")
_FORM = ("/Type", "/Subtype", "/BBox", "/Matrix", "/Resources", "/Group", "/Length", "/Filter", "/DecodeParms")
_RESOURCES = ("/Font", "/XObject", "/ExtGState", "/ColorSpace", "/ProcSet")
_CURVES = frozenset({b"c", b"v", b"y"})
_PICTURES = frozenset({b"INLINE IMAGE", b"sh", b"d0", b"d1"})
_SHOWN = frozenset({b"Tj", b"TJ", b"'", b'"'})
_NOTED = frozenset({b"MP", b"DP", b"BMC", b"BDC", b"EMC", b"BX", b"EX"})
_ENCODINGS = ("/WinAnsiEncoding", "/MacRomanEncoding", "/StandardEncoding")
_MIN_CHARACTERS = 0.9
_LOGGER = "pypdf"


def cleaned_pdf(document: bytes, _rename: Callable[[str], str]) -> Cleaned:
    """Return a PDF document of nothing but its pages, and every text on them.

    Metadata, attachments, scripts, annotations, forms, bookmarks and earlier versions are left behind.

    Raises
    ------
    UnprovenError
        If there is an image or a drawing on a page, text that cannot be read, or no reader (the extra ``documents``).
    """
    try:
        import pypdf  # noqa: PLC0415  an extra
    except ImportError as error:
        raise UnprovenError("no-reader") from error
    if len(document) > MAX_SIZE:
        raise UnprovenError("damaged")
    try:
        with quiet(), _unlogged():
            reader = pypdf.PdfReader(BytesIO(document.rstrip(b"\0")))
            return _rebuilt(pypdf, reader)
    except UnprovenError:
        raise
    except Exception as error:
        raise UnprovenError("damaged") from error


@contextmanager
def _unlogged() -> Iterator[None]:
    """Have the reader log nothing: it might quote the document."""
    logger = logging.getLogger(_LOGGER)
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


def _rebuilt(pypdf: Any, reader: Any) -> Cleaned:  # noqa: ANN401  pypdf is an extra
    if reader.is_encrypted:
        raise UnprovenError("encrypted")
    pages = list(reader.pages)
    if not 0 < len(pages) <= MAX_PAGES:
        raise UnprovenError("damaged")
    cleaner = _Pages(pypdf, reader)
    writer = pypdf.PdfWriter()
    for page in pages:
        for key in [key for key in page if key not in _PAGE]:
            del page[key]
        cleaner.clean(page)
        writer.add_page(page)
    writer.metadata = None
    made = BytesIO()
    writer.write(made)  # not compressed, so that whoever searches bytes finds what is in it
    # What was written is what is read: whatever people can see in it, they see in these texts.
    written = made.getvalue()
    shown = [page.extract_text() for page in pypdf.PdfReader(BytesIO(written)).pages]
    # As a second reading, without the reader's own idea of lines: where codes are characters, and not glyphs.
    texts = (*shown, *(() if cleaner.shows_glyphs else cleaner.shown))
    if not _is_readable("".join(shown)):
        raise UnprovenError("font")
    return Cleaned(written, texts)


def _is_readable(text: str) -> bool:
    """Tell whether a text consists of characters, and not of numbers of glyphs."""
    letters = [character for character in text if not character.isspace()]
    return sum(map(str.isprintable, letters)) >= _MIN_CHARACTERS * len(letters) and "\ufffd" not in text


class _Pages:
    """What stands on the pages.

    Parameters
    ----------
    pypdf, reader
        The library, and what it has read.

    Attributes
    ----------
    shown : list of str
        The codes of every text, as characters.
    shows_glyphs : bool
        Whether some of the codes are numbers of glyphs.
    """

    def __init__(self, pypdf: Any, reader: Any) -> None:  # noqa: ANN401
        self._pypdf = pypdf
        self._reader = reader
        self._lines = 0
        self.shown: list[str] = []
        self.shows_glyphs = False

    def clean(self, page: Any) -> None:  # noqa: ANN401
        """Clean a page in place."""
        name = self._pypdf.generic.NameObject
        contents = page.get("/Contents")
        if contents is not None:
            page[name("/Contents")] = self._content(contents.get_object())
        resources = page.get("/Resources")
        if resources is not None:
            self._clean_resources(resources.get_object(), 0)

    def _content(self, stream: Any) -> Any:  # noqa: ANN401
        """Return a content stream without notes to programs."""
        content = self._pypdf.generic.ContentStream(stream, self._reader)
        content.operations = [operation for operation in content.operations if operation[1] not in _NOTED]
        for operands, operator in content.operations:
            if operator in _PICTURES:
                raise UnprovenError("image")
            if operator in _CURVES:
                raise UnprovenError("drawing")
            self._lines += operator in {b"l", b"re"}
            if operator in _SHOWN:
                self.shown.append("".join(_strings(operands)))
        if self._lines > MAX_LINES:
            raise UnprovenError("drawing")
        return content

    def _clean_resources(self, resources: Any, depth: int) -> None:  # noqa: ANN401
        if depth > _MAX_DEPTH:
            raise UnprovenError("damaged")
        for key in [key for key in resources if key not in _RESOURCES]:
            if key in {"/Pattern", "/Shading"} and resources[key]:
                raise UnprovenError("drawing")
            del resources[key]
        for font in _values(resources, "/Font"):
            _check_font(font)
            self.shows_glyphs |= font.get("/Subtype") == "/Type0"
        for state in _values(resources, "/ExtGState"):
            if state.get("/SMask", "/None") != "/None":
                raise UnprovenError("drawing")
        for form in _values(resources, "/XObject"):
            self._clean_form(form, depth)

    def _clean_form(self, form: Any, depth: int) -> None:  # noqa: ANN401
        if form.get("/Subtype") != "/Form":
            raise UnprovenError("image")
        for key in [key for key in form if key not in _FORM]:
            del form[key]
        form.set_data(self._content(form).get_data())
        inner = form.get("/Resources")
        if inner is not None:
            self._clean_resources(inner.get_object(), depth + 1)


def _values(resources: Any, kind: str) -> Iterator[Any]:  # noqa: ANN401
    found = resources.get(kind)
    for value in found.get_object().values() if found is not None else ():
        yield value.get_object()


def _check_font(font: Any) -> None:  # noqa: ANN401
    """See that one can tell which characters a font shows."""
    descriptor = font.get("/FontDescriptor", {})
    is_its_own = font.get("/Subtype") == "/Type0" or any(key.startswith("/FontFile") for key in descriptor)
    is_told = "/ToUnicode" in font or font.get("/Encoding") in _ENCODINGS
    if font.get("/Subtype") == "/Type3" or (is_its_own and not is_told):
        raise UnprovenError("font")


def _strings(operands: Any) -> Iterator[str]:  # noqa: ANN401
    for operand in operands:
        if isinstance(operand, bytes):
            yield operand.decode("latin-1")
        elif isinstance(operand, str):
            yield str(operand)
        elif isinstance(operand, list):
            yield from _strings(operand)
