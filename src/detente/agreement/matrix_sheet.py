"""The implementation matrix as a workbook, the same bytes for the same matrix.

Every cell is text: what begins like a formula is marked as text too (the quote prefix of spreadsheets). Characters that
are no part of a text are left out.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

from detente.agreement.matrix import HEADS, Matrix
from detente.agreement.plain import plain
from detente.base.errors import MissingExtra

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

SHEET = "Matrix"
AS_SENT = "Status as sent"  # head of a hidden column: what a returned sheet is compared with
WIDTHS = (14, 40, 18, 20, 22, 20, 18, 24, 20, 18, 30, 36, 16)  # in characters
FIXED = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - the format has no zones
ZIPPED = (1980, 1, 1, 0, 0, 0)
PREFIXED = ("=", "+", "-", "@", "\t", "\r", "\n", " ", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\u2212")
WORDS = "claimed,verified,refuted,no conclusion,contested,waived,suspended,resumed"


def matrix_xlsx(matrix: Matrix) -> bytes:
    """A workbook of one sheet: a title row, heads that stay in view, wrapped texts, ready to print in landscape.

    Args:
        matrix: what to write.

    Returns:
        The file.

    Raises:
        MissingExtra: openpyxl is not installed.
    """
    try:
        from openpyxl import Workbook
        from openpyxl.writer.excel import ExcelWriter
    except ImportError as error:
        raise MissingExtra("a workbook", "xlsx") from error

    book = Workbook()
    book.properties.creator = "detente"
    book.properties.title = plain(matrix.title)[:200]
    book.properties.created = book.properties.modified = FIXED
    sheet: Any = book.active
    sheet.title = SHEET
    _fill(sheet, matrix)
    _lay_out(sheet, len(matrix.rows))
    raw = io.BytesIO()
    # Not Workbook.save: it writes down the time of day.
    ExcelWriter(book, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED)).save()
    return _timeless(raw)


def _fill(sheet: Worksheet, matrix: Matrix) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    wrapped = Alignment(wrap_text=True, vertical="top")
    line = Border(bottom=Side(style="thin", color="B0B0B0"))
    _put(sheet, 1, 1, matrix.heading)
    sheet.cell(1, 1).font = Font(bold=True, size=14)
    for column, head in enumerate((*HEADS.values(), AS_SENT), 1):
        _put(sheet, 2, column, head)
        cell = sheet.cell(2, column)
        cell.font, cell.alignment, cell.border = Font(bold=True), wrapped, line
        cell.fill = PatternFill("solid", fgColor="E8E8E8")
    for number, row in enumerate(matrix.rows, 3):
        for column, text in enumerate((*astuple(row), row.status), 1):
            _put(sheet, number, column, text)
            cell = sheet.cell(number, column)
            cell.alignment, cell.border = wrapped, line


def _put(sheet: Worksheet, row: int, column: int, text: str) -> None:
    text = plain(text)
    if not text:
        return
    cell = sheet.cell(row, column)
    cell.value = text
    cell.data_type = "s"  # whatever it looks like: =1+1, #N/A
    if text.startswith(PREFIXED):
        cell.quotePrefix = True


def _lay_out(sheet: Any, rows: int) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    for column, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    last, hidden = get_column_letter(len(WIDTHS)), get_column_letter(len(WIDTHS) + 1)
    sheet.column_dimensions[hidden].hidden = True
    sheet.freeze_panes = "C3"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:2"
    sheet.print_area = f"A1:{last}{rows + 2}"
    sheet.oddFooter.center.text = "&P / &N"
    if rows:
        choice = DataValidation("list", formula1=f'"{WORDS}"', allow_blank=True, showErrorMessage=False)
        choice.add(f"{last}3:{last}{rows + 2}")
        sheet.add_data_validation(choice)


def _timeless(raw: io.BytesIO) -> bytes:
    """The same archive without the times at which its parts were made."""
    out = io.BytesIO()
    with zipfile.ZipFile(raw) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in made.namelist():
            part = zipfile.ZipInfo(name, ZIPPED)
            part.compress_type, part.create_system, part.external_attr = zipfile.ZIP_DEFLATED, 0, 0
            kept.writestr(part, made.read(name))
    return out.getvalue()
