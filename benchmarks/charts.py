"""Bar charts as SVG: readable in the dark and in the light, with the figures in a text alternative. Pure."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH = 720
_LABEL, _FIGURE = 190, 96
_BAR, _GAP, _HEAD, _GROUP = 18, 8, 34, 26

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1b1f24; }
.title { font-weight: 600; font-size: 15px; }
.quiet { fill: #57606a; }
.legacy { fill: #9a6700; }
.hybrid { fill: #0969da; }
.modern { fill: #1a7f37; }
.range { stroke: #1b1f24; stroke-width: 1.5; }
.ground { fill: #ffffff; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .quiet { fill: #9198a1; }
  .legacy { fill: #d29922; }
  .hybrid { fill: #4493f8; }
  .modern { fill: #3fb950; }
  .range { stroke: #e6edf3; }
  .ground { fill: #0d1117; }
}
"""


@dataclass(frozen=True)
class Bar:
    """A median, with the least and the most of its rounds. ``kind``: legacy, hybrid or modern."""

    label: str
    value: float
    least: float
    most: float
    kind: str


@dataclass(frozen=True)
class Group:
    """Bars that are compared with each other: one scale for each group, from zero."""

    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Chart:
    """``unit`` is what the figures are."""

    title: str
    unit: str
    groups: tuple[Group, ...]


def described(chart: Chart) -> str:
    """The chart in words, for whoever does not see it."""
    groups = [
        f"{group.title}: " * bool(group.title) + ", ".join(f"{one.label} {one.value:,.4g}" for one in group.bars)
        for group in chart.groups
    ]
    return f"{chart.title}, {chart.unit}. " + "; ".join(groups) + "."


def svg(chart: Chart) -> str:
    """The drawing. The same chart gives the same bytes."""
    drawn: list[str] = []
    place = _HEAD + 14
    for group in chart.groups:
        if group.title:
            place += _GROUP
            drawn.append(f'<text x="12" y="{place - 10}" class="quiet">{escape(group.title)}</text>')
        scale = (WIDTH - _LABEL - _FIGURE) / max([one.most for one in group.bars] + [1e-9])
        for bar in group.bars:
            drawn += _drawn(bar, place, scale)
            place += _BAR + _GAP
    height = place + 8
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    told = escape(described(chart), {'"': "&quot;"})
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{told}">',
        f"<title>{escape(chart.title)}</title>",
        f"<desc>{told}</desc>",
        f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{height}" rx="6"/>',
        f'<text x="12" y="24" class="title">{escape(chart.title)}</text>',
        f'<text x="{WIDTH - 12}" y="24" text-anchor="end" class="quiet">{escape(chart.unit)}</text>',
    ]
    return "\n".join([*head, *drawn, "</svg>", ""])


def _drawn(bar: Bar, top: int, scale: float) -> list[str]:
    middle = top + _BAR / 2
    length = bar.value * scale
    first, last = _LABEL + bar.least * scale, _LABEL + bar.most * scale
    figure = f"{bar.value:,.0f}" if bar.value >= 100 else f"{bar.value:,.3g}"
    spread = f'<path class="range" d="M{first:.1f} {middle:.1f}H{last:.1f}"/>' if last - first > 1 else ""
    return [
        f'<text x="{_LABEL - 10}" y="{middle + 4:.1f}" text-anchor="end">{escape(bar.label)}</text>',
        f'<rect class="{bar.kind}" x="{_LABEL}" y="{top}" width="{max(1.0, length):.1f}" height="{_BAR}" rx="2"/>',
        spread,
        f'<text x="{max(last, _LABEL + length) + 8:.1f}" y="{middle + 4:.1f}">{figure}</text>',
    ]
