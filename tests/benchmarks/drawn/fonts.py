"""The fonts that texts are drawn with: Debian's, and the vector letters that devices draw themselves."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PIL import ImageFont

_FOLDER = Path("/usr/share/fonts")

PACKAGES = (
    "fonts-dejavu-core fonts-freefont-ttf fonts-hack fonts-inconsolata fonts-liberation fonts-noto-cjk "
    "fonts-noto-core fonts-roboto-unhinted"
).split()
"""Debian packages that they come from."""

LATIN = {
    "dejavu-sans": "truetype/dejavu/DejaVuSans.ttf",
    "dejavu-mono": "truetype/dejavu/DejaVuSansMono-Bold.ttf",
    "free-mono": "truetype/freefont/FreeMonoBold.ttf",
    "free-serif": "truetype/freefont/FreeSerif.ttf",
    "hack": "truetype/hack/Hack-Regular.ttf",
    "inconsolata": "truetype/inconsolata/Inconsolata.otf",
    "liberation-mono": "truetype/liberation/LiberationMono-Regular.ttf",
    "liberation-narrow": "truetype/liberation/LiberationSansNarrow-Bold.ttf",
    "liberation-sans": "truetype/liberation/LiberationSans-Regular.ttf",
    "liberation-serif": "truetype/liberation/LiberationSerif-Regular.ttf",
    "noto-sans": "truetype/noto/NotoSans-Regular.ttf",
    "roboto": "truetype/roboto/unhinted/RobotoTTF/Roboto-Regular.ttf",
}
"""Families for Latin letters and digits."""

SCRIPTS = {
    "arabic": "truetype/noto/NotoSansArabic-Regular.ttf",
    "cyrillic": "truetype/noto/NotoSans-Regular.ttf",
    "greek": "truetype/noto/NotoSans-Regular.ttf",
    "han": "opentype/noto/NotoSansCJK-Regular.ttc",
    "hangul": "opentype/noto/NotoSansCJK-Regular.ttc",
    "hebrew": "truetype/noto/NotoSansHebrew-Regular.ttf",
    "kana": "opentype/noto/NotoSansCJK-Regular.ttc",
    "thai": "truetype/noto/NotoSansThai-Regular.ttf",
}
"""A family for each other script."""


@cache
def font(family: str, size: int) -> ImageFont.FreeTypeFont:
    """Return a font by the name of a family or of a script, in pixels."""
    path = _FOLDER / ({**LATIN, **SCRIPTS}[family])
    if not path.exists():
        raise SystemExit(f"{path} is missing: apt-get install {' '.join(PACKAGES)}")
    return ImageFont.truetype(str(path), size)
