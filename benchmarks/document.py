"""A report as values, written as Markdown with pictures beside it, or as one HTML file that needs nothing. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from benchmarks.charts import Chart, described, svg

PAGE_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.2; }
.wide, figure { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: 0.9rem; }
th, td { border: 1px solid #8b949e66; padding: 0.3rem 0.6rem; text-align: left; vertical-align: top; }
td:nth-child(2) { min-width: 9rem; }
pre { overflow-x: auto; font-size: 0.8rem; border: 1px solid #8b949e66; padding: 0.6rem; border-radius: 6px; }
svg { width: 100%; min-width: 36rem; max-width: 45rem; height: auto; }
"""


@dataclass(frozen=True)
class Heading:
    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    text: str


@dataclass(frozen=True)
class Listing:
    items: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A table."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Figure:
    """``name`` becomes the name of a file."""

    name: str
    chart: Chart


@dataclass(frozen=True)
class Printed:
    """What a program printed, as it is."""

    text: str


Block = Heading | Paragraph | Listing | Sheet | Figure | Printed


def markdown(blocks: Sequence[Block], folder: str) -> str:
    """``folder`` is where the pictures lie, as the text sees it."""
    return "\n\n".join(_markdown(block, folder) for block in blocks) + "\n"


def pictures(blocks: Sequence[Block]) -> Mapping[str, str]:
    """The pictures of the Markdown by file name."""
    return {f"{block.name}.svg": svg(block.chart) for block in blocks if isinstance(block, Figure)}


def html(blocks: Sequence[Block]) -> str:
    """One file, its pictures in it; it asks no other server for anything."""
    title = next((block.text for block in blocks if isinstance(block, Heading)), "")
    body = "\n".join(_html(block) for block in blocks)
    head = f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
    view = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    return f"{head}{view}<style>{PAGE_STYLE}</style></head><body>\n{body}\n</body></html>\n"


def _markdown(block: Block, folder: str) -> str:
    match block:
        case Heading(level, text):
            return f"{'#' * level} {text}"
        case Paragraph(text):
            return text
        case Listing(items):
            return "\n".join(f"- {item}" for item in items)
        case Sheet(head, rows):
            lines = [head, tuple("---" for _ in head), *rows]
            return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)
        case Figure(name, chart):
            return f"![{described(chart).replace('[', '(').replace(']', ')')}]({folder}/{name}.svg)"
        case Printed(text):
            return f"```\n{text.rstrip().replace('```', '')}\n```"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _inline(text: str) -> str:
    """Escaped; what Markdown knows as code and as strong is that here too."""
    told = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", told)


def _html(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Paragraph(text):
            return f"<p>{_inline(text)}</p>"
        case Listing(items):
            return "<ul>" + "".join(f"<li>{_inline(item)}</li>" for item in items) + "</ul>"
        case Sheet(head, rows):
            first = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
            rest = "".join("<tr>" + "".join(f"<td>{_inline(cell)}</td>" for cell in row) + "</tr>" for row in rows)
            table = f"<table><thead><tr>{first}</tr></thead><tbody>{rest}</tbody></table>"
            return f'<div class="wide" tabindex="0">{table}</div>'
        case Figure(_, chart):
            return f'<figure tabindex="0">{svg(chart)}</figure>'
        case Printed(text):
            return f"<pre>{escape(text.rstrip())}</pre>"
