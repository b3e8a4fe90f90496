"""A canvas for SVG: shapes, escaped text, estimated text widths.

In a page colours follow the reader's choice (light or dark); in a file of its own the picture carries literal
print colours, so that every program shows the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

NARROW, WIDE = frozenset("iljtfI.,:;'|!()[] "), frozenset("mwMW@%")


def text_width(text: str, size: float) -> float:
    """Estimated width of a text in a usual sans-serif face, in the units of ``size``."""
    total = 0.0
    for char in text:
        if ord(char) >= 0x1100:
            total += 1.0
        elif char in NARROW:
            total += 0.31
        elif char in WIDE:
            total += 0.88
        else:
            total += 0.68 if char.isupper() else 0.56
    return total * size


def wrapped(text: str, size: float, width: float, lines: int) -> list[str]:
    """Words in at most so many lines of a width; what does not fit ends in an ellipsis."""
    out: list[str] = []
    left = text.split()
    while left and len(out) < lines:
        line = left.pop(0)
        while left and text_width(f"{line} {left[0]}", size) <= width:
            line += " " + left.pop(0)
        out.append(line)
    if left:
        out[-1] += " …"
    return [_clipped(line, size, width) for line in out]


def _clipped(text: str, size: float, width: float) -> str:
    if text_width(text, size) <= width:
        return text
    body = text.removesuffix(" …")
    while body and text_width(body + "…", size) > width:
        body = body[:-1]
    return body.rstrip() + "…"


class Canvas:
    """Collects shapes and writes one SVG element.

    Args:
        width, height: in pixels of the drawing.
    """

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.parts: list[str] = []

    def rect(self, x: float, y: float, width: float, height: float, *, kind: str, radius: float = 6) -> None:
        """A rectangle; ``kind`` is its style class."""
        self.parts.append(
            f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{radius:g}"/>'
        )

    def path(self, data: str, *, kind: str, dash: str = "", marker: str = "") -> None:
        """A curve given as SVG path data."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        ended = f' marker-end="url(#{marker})"' if marker else ""
        self.parts.append(f'<path class="{kind}" d="{data}"{dashed}{ended}/>')

    def circle(self, x: float, y: float, radius: float, *, kind: str) -> None:
        """A circle."""
        self.parts.append(f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"/>')

    def polygon(self, points: Sequence[tuple[float, float]], *, kind: str) -> None:
        """A filled shape with straight edges."""
        self.parts.append(f'<polygon class="{kind}" points="{" ".join(f"{x:.2f},{y:.2f}" for x, y in points)}"/>')

    def text(self, x: float, y: float, text: str, *, size: float = 12, anchor: str = "start", kind: str = "t") -> None:
        """A line of text, escaped; with ``kind="halo"`` the page shows around it."""
        place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}"'
        if kind == "halo":
            self.parts.append(f'<text class="under" {place}>{escape(text)}</text>')
        self.parts.append(f'<text class="{kind}" {place}>{escape(text)}</text>')

    def svg(self, title: str, description: str, *, standalone: bool = False) -> str:
        """The SVG element, with a title and a description for those who cannot see it.

        Args:
            title, description: plain texts.
            standalone: for a file of its own or a PDF: literal print colours and a page behind, no reader's choice.
        """
        style = (
            STYLE
            if not standalone
            else PRINT + f'<rect width="{self.width:.0f}" height="{self.height:.0f}" fill="#fff"/>'
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:.0f} {self.height:.0f}" '
            f'width="{self.width:.0f}" role="img">'
            f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{style}{''.join(self.parts)}</svg>"
        )


SCREEN = (
    "svg{color-scheme:light dark;--ink:#1c2733;--page:#fff;--soft:#e8edf3;--hold:#d3e6d5;--now:#f6e3b5}"
    "@media(prefers-color-scheme:dark){svg{--ink:#e3e9ef;--page:#14191f;--soft:#2a333d;--hold:#24452c;--now:#5a4714}}"
    "@media print{svg{--ink:#000;--page:#fff;--soft:#eee;--hold:#ddd;--now:#ccc}}"
)
RULES = (
    "text{font-family:FONTS}.t,.b,.halo{fill:var(--ink)}.b,.halo,.under{font-weight:600}"
    ".under{fill:var(--page);stroke:var(--page);stroke-width:4;stroke-linejoin:round}"
    ".node{fill:var(--soft);stroke:var(--ink)}.holds{fill:var(--hold);stroke:var(--ink);stroke-width:2.5}"
    ".today{fill:var(--now);stroke:var(--ink);stroke-width:2.5}.arc{fill:none;stroke:var(--ink);stroke-width:1.4}"
    ".bar{stroke:var(--ink);stroke-width:3;fill:none}.head{fill:var(--ink)}"
    ".half{fill:var(--ink)}.open,.unsure{fill:var(--page);stroke:var(--ink);stroke-width:1.1;stroke-linejoin:round}"
    ".state{fill:var(--page);stroke:var(--ink);stroke-width:1.3}.now{fill:var(--page);stroke:var(--ink);stroke-width:3.2}"
    ".ring{fill:none;stroke:var(--ink);stroke-width:1.3}.spot{fill:var(--page)}"
    ".zone{fill:var(--hold);opacity:.6}.dot{fill:var(--ink)}.step{fill:none;stroke:var(--ink);stroke-width:2}"
    ".faint{fill:none;stroke:var(--ink);stroke-width:.8;opacity:.5}"
)
HEAD = (
    '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    '<path class="head" d="M0 0L8 4L0 8z"/></marker></defs>'
)
INK = {"--ink": "#000", "--page": "#fff", "--soft": "#eee", "--hold": "#ddd", "--now": "#ccc"}


def _printed(rules: str) -> str:
    for name, colour in INK.items():
        rules = rules.replace(f"var({name})", colour)
    return rules.replace("FONTS", "Helvetica,Arial,'DejaVu Sans','NanumGothic',sans-serif")


STYLE = f"<style>{SCREEN}{RULES.replace('FONTS', 'system-ui,sans-serif')}</style>{HEAD}"
PRINT = f"<style>{_printed(RULES)}</style>{HEAD}"
