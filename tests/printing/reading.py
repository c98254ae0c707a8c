"""Read back what was drawn and printed, with nothing of the code that drew it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import numpy as np
from pypdf import PdfReader
from pypdf.generic import ContentStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypdf import PageObject
    from pypdf.generic import DictionaryObject, StreamObject

SVG = "{http://www.w3.org/2000/svg}"
MM_PER_POINT = 25.4 / 72


def drawing(svg: str) -> ET.Element:
    """Parse a drawing."""
    return ET.fromstring(svg)  # noqa: S314 - our own drawing


def part(root: ET.Element, name: str) -> ET.Element:
    """Return the one element of a class."""
    (found,) = root.findall(f".//*[@class='{name}']")
    return found


def texts(root: ET.Element) -> list[str]:
    """Return all words of a drawing."""
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def length_mm(line: ET.Element) -> float:
    """Return the length of a line in user units."""
    x1, y1, x2, y2 = (float(line.get(name, "nan")) for name in ("x1", "y1", "x2", "y2"))
    return float(np.hypot(x2 - x1, y2 - y1))


def pdf(data: bytes) -> PdfReader:
    """Open a PDF, strictly."""
    return PdfReader(io.BytesIO(data), strict=True)


def heights_mm(page: PageObject, words: str) -> list[float]:
    """Return how high above the foot of the page some words stand, each time they occur."""
    found: list[float] = []

    def visit(text: str, cm: list[float], tm: list[float], *_: object) -> None:
        if words in text:
            found.append(float((_matrix(tm) @ _matrix(cm))[2, 1]) * MM_PER_POINT)

    page.extract_text(visitor_text=visit)
    return found


def level_lines_mm(page: PageObject) -> list[float]:
    """Return the lengths of all level straight lines on a page, in millimetres of paper."""
    found = _segments(page.get_contents(), page["/Resources"], np.eye(3), page.pdf)
    return [float(abs(end[0] - start[0])) * MM_PER_POINT for start, end in found if abs(end[1] - start[1]) < 0.01]


def tags(node: DictionaryObject) -> Iterator[DictionaryObject]:
    """Walk the structure tree (PDF 32000-1, 14.7)."""
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        found = kid.get_object() if hasattr(kid, "get_object") else kid
        if isinstance(found, dict) and "/S" in found:
            yield found
            yield from tags(found)


def fonts(holder: DictionaryObject) -> Iterator[DictionaryObject]:
    """Return the descriptors of all fonts of a page and of the forms in it."""
    resources = holder.get("/Resources", {})
    for font in resources.get("/Font", {}).values():
        (descendant,) = font.get_object()["/DescendantFonts"]
        yield descendant.get_object()["/FontDescriptor"]
    for form in resources.get("/XObject", {}).values():
        yield from fonts(form.get_object())


def letter_sizes_pt(page: PageObject) -> list[float]:
    """Return the size of all words on a page, drawings left out, in points of paper."""
    found: list[float] = []

    def visit(text: str, cm: list[float], tm: list[float], _: object, size: float) -> None:
        if text.strip():
            found.append(abs(float((_matrix(tm) @ _matrix(cm))[1, 1])) * size)

    page.extract_text(visitor_text=visit)
    return found


def _segments(
    stream: StreamObject | None, resources: DictionaryObject, matrix: np.ndarray, reader: object
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Walk a content stream and the forms in it; positions in points on the page (PDF 32000-1, 8.3 and 8.5)."""
    kept: list[np.ndarray] = []
    at = np.zeros(2)
    for operands, operator in ContentStream(stream, reader).operations:
        if operator == b"q":
            kept.append(matrix)
        elif operator == b"Q":
            matrix = kept.pop()
        elif operator == b"cm":
            matrix = _matrix(operands) @ matrix
        elif operator in {b"m", b"l"}:
            here = np.array([float(operands[0]), float(operands[1])])
            if operator == b"l":
                yield _placed(at, matrix), _placed(here, matrix)
            at = here
        elif operator == b"Do":
            form = resources["/XObject"][operands[0]]
            if form["/Subtype"] == "/Form":
                inner = _matrix(form.get("/Matrix", [1, 0, 0, 1, 0, 0])) @ matrix
                yield from _segments(form, form.get("/Resources", resources), inner, reader)


def _matrix(numbers: list[object]) -> np.ndarray:
    a, b, c, d, e, f = (float(number) for number in numbers)
    return np.array([[a, b, 0], [c, d, 0], [e, f, 1]])


def _placed(point: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return (np.array([*point, 1.0]) @ matrix)[:2]
