"""The implementation matrix: its words, its workbook, and what a returned one proposes."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import os
import random
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import astuple
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import openpyxl
import pytest

from detente.agreement import terms as t
from detente.agreement.formulas import At, Breached, Joint, Never, Verified
from detente.agreement.matrix import Matrix, MatrixRow, matrix_rows, number_text
from detente.agreement.matrix_return import Proposed, Returned, read_statuses
from detente.agreement.matrix_sheet import AS_SENT, matrix_xlsx
from detente.agreement.periods import Period
from detente.agreement.plain import plain
from detente.base.errors import DetenteError, LimitReached, MissingExtra, UsageError

FREEZE = t.Commitment(
    "freeze", "maintain", ("north",), ("south",), t.QuantityAct("stock", "<=", Fraction(601, 2), "kg"), title="Freeze",
    deadline=t.NoDeadline("to the end"), cure=Period(days=14), object="Fuel", place="Site 1",
    verification=(
        t.Verification("agency", "seals", "visits", lag=(Period(days=5), Period(days=30)), evidence=("photos",)),
    ),
    on_breach=(
        t.Consequence("suspend", ("fuel",), notice=Period(days=7), resume=Verified("freeze")),
        t.Consequence("compensate", power_of="south", amount=Fraction(5, 2), unit="million", to=("south",),
                      objection=t.Objection(Period(months=1), ("north", "agency"))),
    ),
)  # fmt: skip
FUEL = t.Commitment(
    "fuel", "achieve", ("south", "west"), ("north",), t.TextAct("50,000 t of fuel oil"), trigger=Verified("freeze"),
    deadline=t.Within(Period(months=1), Verified("freeze")), min_duration=Period(days=20), mode="any",
    verification=(t.Verification("agency", window=Period(days=30), every=Period(months=1)), t.Verification("north")),
    verified_by="all", reversible="no", on_breach=(t.Consequence("terminate", ("agreement",)),),
)  # fmt: skip
VISITS = t.Commitment(
    "visits", "achieve", ("north", "south"), (), t.OptionAct("access", "full", "none"), title="Visits", mode="each",
    trigger=Joint("both"), deadline=t.On(dt.date(1994, 11, 21)), claim_ok=True,
    reversible=t.Undo(Fraction(3), Period(months=2)),
)  # fmt: skip
PAY = t.Commitment(
    "pay", "recurrent", ("south",), ("north",), t.TextAct("pay"), trigger=Never(), claim_ok=True,
    verification=(t.Verification("agency"),),
    deadline=t.Every("FREQ=YEARLY;COUNT=2", dt.date(2026, 1, 1)),
)  # fmt: skip
TERMS = t.Terms(
    "deal", ("north", "south", "west"), ("agency",), t.CalendarPolicy("UTC"), (FREEZE, FUEL, VISITS, PAY),
    At(dt.date(1994, 10, 21)), groups={"both": ("fuel", "freeze")},
)  # fmt: skip
NAMES = {"north": "Northland", "south": "Southland", "agency": "the Agency"}
STATUSES = {"freeze": "due", "fuel": "claimed", "visits@north": "due", "visits@south": "waiting", "pay#1": "due"}


def matrix(rows: tuple[MatrixRow, ...] | None = None) -> Matrix:
    return Matrix("Deal", rows or matrix_rows(TERMS, STATUSES, NAMES), "CONFIDENTIAL", "1994-12-01")


# --- words -----------------------------------------------------------------------------------------------------------


def test_rows_tell_each_step_in_words() -> None:
    assert matrix_rows(TERMS, STATUSES, NAMES)[:2] == (
        MatrixRow(
            "freeze", "Freeze: keep: stock: at most 300.5 kg", "Northland", "Fuel: Site 1", "photos",
            "the Agency (seals)",
            "Visits (visits)", "no deadline (to the end); 14 days to mend", "5 days, at times 30 days", "",
            "Southland or west: fuel; Northland and Southland: Visits (visits)",
            "1. suspends fuel until verified(freeze) by itself, after notice of 7 days; "
            "2. 2.5 million owed to Southland if Southland invokes it, "
            "unless Northland or the Agency object within 1 month",
            "due",
        ),
        MatrixRow(
            "fuel", "50,000 t of fuel oil", "Southland or west", "", "", "all of the Agency and Northland", "",
            "from verified(freeze); within 1 month of verified(freeze); takes at least 20 days",
            "finding due in 30 days, looked at every month", "cannot be undone",
            "Northland and Southland: Visits (visits)",
            "1. ends the whole agreement by itself", "claimed",
        ),
    )  # fmt: skip


def test_parts_and_instances_are_rows_of_their_own() -> None:
    rows = matrix_rows(TERMS, STATUSES, NAMES)
    assert [(r.step, r.who, r.status) for r in rows[2:]] == [
        ("visits@north", "Northland", "due"), ("visits@south", "Southland", "waiting"), ("pay#1", "Southland", "due"),
    ]  # fmt: skip
    assert rows[2].obligation == "Visits: access from none to full"
    assert rows[2].do == "from joint(both); by 1994-11-21"
    assert (rows[2].verifier, rows[2].undo) == ("own word is enough", "2 months, at a cost of 3")
    assert rows[4].do == "when a consequence asks for it; by rule FREQ=YEARLY;COUNT=2 from 2026-01-01"
    assert [r.step for r in matrix_rows(TERMS)] == ["freeze", "fuel", "visits", "pay"]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("1/3", "1/3"),
        ("0.05", "0.05"),
        ("-2.50", "-2.5"),
        ("1200", "1200"),
        ("0", "0"),
        ("-1/8", "-0.125"),
        ("1/7", "1/7"),
    ],
)
def test_exact_numbers(number: str, text: str) -> None:
    assert number_text(Fraction(number)) == text


def test_csv_has_the_same_cells_and_no_formulas() -> None:
    row = MatrixRow("a", "=1+1", "+x", "-2", "@x", "\tq", "-x", status="due")
    heads, cells = csv.reader(io.StringIO(matrix((row,)).to_csv()))
    assert heads[0] == "Step"
    assert cells == ["a", "'=1+1", "'+x", "-2", "'@x", "'\tq", "'-x", *[""] * 5, "due"]


# --- the workbook ----------------------------------------------------------------------------------------------------


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]


def test_the_workbook_reads_as_the_rows() -> None:
    sheet = opened(matrix_xlsx(matrix()))
    cells = [[c.value or "" for c in row] for row in sheet.iter_rows()]
    assert cells[0][0] == "Deal · CONFIDENTIAL · as of 1994-12-01"
    assert cells[1] == [
        "Step", "Obligation", "Who", "Object and place", "Evidence", "Verifier", "Access", "Time to do",
        "Time to detect", "Time to undo", "Counter-step", "If not", "Status", AS_SENT,
    ]  # fmt: skip
    assert cells[2:] == [[*astuple(r), r.status] for r in matrix().rows]
    assert sheet.freeze_panes == "C3"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.fitToWidth == 1
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$1:$2"
    assert sheet.column_dimensions["N"].hidden
    assert all(sheet.column_dimensions[c].width >= 10 for c in "ABCDEFGHIJKLM")
    assert all(c.alignment.wrap_text for c in sheet[3] if c.value)


HOSTILE = [
    "=1+1", '=HYPERLINK("http://x")', "+1", "-1+1", "@SUM(1)",
    "\t=1", "\r=1", " =1", "=", "#N/A", "#REF!", "＝1+1", "−1",
    "=cmd|' /C calc'!A0", "TRUE", "1", "1e5", "2026-01-01", "<f>1</f>", "]]>", "&amp;",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_is_a_formula(text: str) -> None:
    made = Matrix(text, (MatrixRow(*[text] * 13),), text, text)
    data = matrix_xlsx(made)
    for row in opened(data).iter_rows():
        for cell in row:
            assert cell.data_type == "s" or cell.value is None
            if cell.row == 3:
                assert cell.value.strip() == plain(text).strip()
                assert cell.quotePrefix == (text[0] in "=+-@\t\r ＝−")
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        root = ET.fromstring(packed.read("xl/worksheets/sheet1.xml"))  # noqa: S314 - written by ourselves
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    assert not list(root.iter(f"{space}f"))
    cells = [c for c in root.iter(f"{space}c") if len(c)]
    assert len(cells) == 1 + 14 + 14
    assert {c.get("t") for c in cells} <= {"inlineStr", "s"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b\x07c\x1f", "abc"), ("half \ud800 a pair", "half  a pair"),
        ("\ufffe\uffff!", "!"), ("x\x7fy\x85", "xy"),
        ("turn\u202e\u2066ed", "turned"), ("two\r\nlines\rand", "two\nlines\nand"), ("tab\there", "tab here"),
        ("Пхеньян 평양 é 👍", "Пхеньян 평양 é 👍"), ("x" * 40_000, "x" * 32_766 + "…"),
    ],
)  # fmt: skip
def test_what_is_no_part_of_a_text_is_left_out(text: str, shown: str) -> None:
    assert plain(text) == shown
    assert opened(matrix_xlsx(matrix((MatrixRow("a", text, ""),))))["B3"].value == shown


def test_the_same_matrix_gives_the_same_bytes() -> None:
    first = matrix_xlsx(matrix())
    time.sleep(2.1)  # the clock of an archive has steps of two seconds
    assert matrix_xlsx(matrix()) == first
    with zipfile.ZipFile(io.BytesIO(first)) as packed:
        assert {part.date_time for part in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert str(dt.datetime.now(dt.UTC).year).encode() not in packed.read("docProps/core.xml")


def test_without_the_extra_it_is_told_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "back.xlsx"
    path.write_bytes(matrix_xlsx(matrix()))
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    for ask in (lambda: matrix_xlsx(matrix()), lambda: read_statuses(path, TERMS)):
        with pytest.raises(MissingExtra, match=r"pip install 'detente\[xlsx\]'"):
            ask()


def test_an_empty_matrix_is_a_workbook() -> None:
    assert opened(matrix_xlsx(Matrix("Nothing", ())))["A2"].value == "Step"


# --- what came back --------------------------------------------------------------------------------------------------


def returned(tmp_path: Path, change: Callable[[Any], None], statuses: dict[str, str] | None = None) -> Returned:
    """What a sheet proposes after somebody has changed it."""
    book = openpyxl.load_workbook(io.BytesIO(matrix_xlsx(matrix())))
    change(book.worksheets[0])
    book.save(tmp_path / "back.xlsx")
    return read_statuses(tmp_path / "back.xlsx", TERMS, statuses)


def says(tmp_path: Path, row: int, word: str) -> Returned:
    def change(sheet: Any) -> None:
        sheet[f"M{row}"] = word

    return returned(tmp_path, change)


def kinds(found: Returned) -> list[tuple[str, str, tuple[str, ...], dict[str, Any]]]:
    return [(p.kind, p.subject, p.by, p.body) for p in found.proposed]


def test_an_unchanged_sheet_proposes_nothing(tmp_path: Path) -> None:
    assert returned(tmp_path, lambda sheet: None) == Returned((), ())


AGENCY, NORTH, SOUTH = ("agency",), ("north",), ("south",)


@pytest.mark.parametrize(
    ("row", "word", "expected"),
    [
        (4, "fulfilled", [("verify", "fuel", ("agency", "north"), {})]),
        (4, " Verified ", [("verify", "fuel", ("agency", "north"), {})]),
        (4, "refuted", [("refute", "fuel", ("agency", "north"), {})]),
        (4, "no_conclusion", [("no_conclusion", "fuel", ("agency", "north"), {})]),
        (4, "contested", [("contest", "fuel", ("south", "west", "north"), {})]),
        (4, "waived", [("waive", "fuel", NORTH, {})]),
        (4, "Suspended", [("suspend", "fuel", ("north", "south", "west"), {"reason": "suspended"})]),
        (4, "resumed", [("resume", "fuel", ("north", "south", "west"), {"reason": "suspended"})]),
        (4, "terminated", [("terminate", "fuel", ("north", "south", "west"), {})]),
        (4, "40 %", [("claim", "fuel", ("south", "west"), {"progress": "0.40"})]),
        (4, "progress 7.5%", [("claim", "fuel", ("south", "west"), {"progress": "0.075"})]),
        (5, "claimed", [("claim", "visits@north", NORTH, {})]),
        (5, "fulfilled", [("claim", "visits@north", NORTH, {})]),  # its own word is enough
        (5, "will not be done", [("declare_nonperformance", "visits@north", NORTH, {})]),
        (7, "done", [("claim", "pay#1", SOUTH, {})]),
        (7, "fulfilled", [("claim", "pay#1", SOUTH, {})]),  # it could be verified, but need not be
        (3, "kept", [("verify", "freeze", AGENCY, {})]),
        (3, "not kept", [("refute", "freeze", AGENCY, {})]),
        (3, "measured 310", [("measure", "freeze", AGENCY, {"value": "310"})]),
        (3, "310.25 kg", [("measure", "freeze", AGENCY, {"value": "310.25"})]),
    ],
)
def test_a_changed_status_proposes_records(tmp_path: Path, row: int, word: str, expected: list[Any]) -> None:
    found = says(tmp_path, row, word)
    assert kinds(found) == expected
    assert found.remarks == ()
    assert found.proposed[0].row == row
    assert found.proposed[0].question.endswith("?")


def test_what_was_not_claimed_is_claimed_and_verified(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["N4"] = "due"
        sheet["M4"] = "fulfilled"

    claim, verify = returned(tmp_path, change).proposed
    asked = "fuel: record claim by south or west?"
    assert claim == Proposed(4, "fuel", "due", "fulfilled", "claim", "fuel", ("south", "west"), {}, asked)
    asked = "fuel: record verify by agency or north?"
    assert verify == Proposed(4, "fuel", "due", "fulfilled", "verify", "fuel", ("agency", "north"), {}, asked)


@pytest.mark.parametrize(
    ("row", "word", "remark"),
    [
        (4, "finished", "an unknown status; expected one of claimed"),
        (4, "claimd", "an unknown status"),
        (4, "verifed", "Did you mean 'verified'?"),
        (4, "overdue", "it follows from the clock; no record says it."),
        (4, "breached", "it follows from the clock, or from refuted"),
        (4, "310 kg", "nothing is measured here"),
        (3, "310 tonnes", "a value in 'tonnes'; expected 'kg'"),
        (3, "claimed", "write kept, not kept, or a measured value"),
        (4, "", "is empty; nothing to record"),
        (4, '=IF(1,"verified")', "an unknown status"),
        (4, "x" * 5000, "an unknown status"),
    ],
)
def test_what_no_record_says_is_remarked(tmp_path: Path, row: int, word: str, remark: str) -> None:
    found = says(tmp_path, row, word)
    assert found.proposed == ()
    assert len(found.remarks) == 1
    assert found.remarks[0].startswith(f"Row {row}: ")
    assert remark in found.remarks[0]
    assert len(found.remarks[0]) < 600


def test_a_share_or_value_that_the_spreadsheet_keeps_as_a_number(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["M3"] = 310.25
        sheet["M4"], sheet["M5"] = 0.4, True
        sheet["M4"].number_format = "0%"

    found = returned(tmp_path, change)
    assert [(p.kind, p.body) for p in found.proposed] == [
        ("measure", {"value": "310.25"}),
        ("claim", {"progress": "0.40"}),
    ]
    assert found.remarks[0].startswith("Row 5: 'True' for 'visits@north': an unknown status")


def test_what_is_so_already_is_not_proposed_again(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["M4"] = "fulfilled"

    assert returned(tmp_path, change, {"fuel": "fulfilled"}) == Returned((), ("Row 4: 'fuel' is fulfilled already.",))


def test_rows_and_columns_may_be_moved(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["M4"] = "verified"
        sheet.insert_rows(1, 3)
        sheet.insert_cols(1, 2)
        sheet.delete_cols(5, 3)
        rows = [[c.value for c in row] for row in sheet.iter_rows(min_row=6)]
        for number, row in enumerate(reversed(rows), 6):
            for column, value in enumerate(row, 1):
                sheet.cell(number, column).value = value

    found = returned(tmp_path, change)
    assert kinds(found) == [("verify", "fuel", ("agency", "north"), {})]
    assert found.proposed[0].row == 9  # rows 6 to 10 turned round: the second of five


def test_rows_that_are_not_of_the_agreement(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["A3"] = "freze"
        sheet["A5"] = None
        sheet["A7"], sheet["M7"] = "fuel", "verified"
        sheet["A9"], sheet["M9"] = None, "a note"

    found = returned(tmp_path, change)
    assert found.proposed == ()
    assert [r.split(".")[0] for r in found.remarks] == [
        "Row 3: the step 'freze' is not in the agreement",
        "Row 5: a status without a step",
        "Row 7: the step 'fuel' stands in row 4 already; left out",
        "Row 9: a status without a step",
    ]
    assert "Did you mean 'freeze'?" in found.remarks[0]


@pytest.mark.parametrize(("column", "head"), [(1, "Step"), (13, "Status"), (14, AS_SENT)])
def test_a_deleted_column_is_told(tmp_path: Path, column: int, head: str) -> None:
    with pytest.raises(UsageError, match=f"no column '{head}'"):
        returned(tmp_path, lambda sheet: sheet.delete_cols(column))


def test_a_sheet_of_something_else_is_told(tmp_path: Path) -> None:
    path = tmp_path / "other.xlsx"
    openpyxl.Workbook().save(path)
    with pytest.raises(UsageError, match="without the heads of the matrix"):
        read_statuses(path, TERMS)
    path.write_bytes(matrix_xlsx(Matrix("Other", (MatrixRow("lease", "", "", status="due"),))))
    with pytest.raises(UsageError, match="without any step of this agreement"):
        read_statuses(path, TERMS)


def repacked(extra: dict[str, bytes], drop: tuple[str, ...] = ()) -> bytes:
    """A matrix with parts added, replaced or left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(matrix_xlsx(matrix()))) as packed, zipfile.ZipFile(out, "w", 8) as made:
        for name in packed.namelist():
            if name not in drop and name not in extra:
                made.writestr(name, packed.read(name))
        for name, data in extra.items():
            made.writestr(name, data)
    return out.getvalue()


SHEET_XML = "xl/worksheets/sheet1.xml"
ENTITY = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no workbook, is damaged or protected"),
        (b"PK\x03\x04" + b"\0" * 100, "no workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "without a password"),  # an encrypted one, or .xls
        (b"Step,Status\nfuel,verified\n", "no workbook"),
        (repacked({}, ("[Content_Types].xml",)), "an archive without a sheet"),
        (repacked({}, (SHEET_XML,)), "an archive without a sheet"),
        (repacked({"xl/vbaProject.bin": b"x"}), "with macros"),
        (repacked({"xl/externalLinks/externalLink1.xml": b"<x/>"}), "links to other workbooks"),
        (repacked({"xl/connections.xml": b"<x/>"}), "links to other workbooks"),
        (repacked({SHEET_XML: ENTITY}), "declarations of entities"),
        (repacked({SHEET_XML: ENTITY.decode().encode("utf-16")}), "declarations of entities"),
        (repacked({"xl/other.bin": ENTITY.lower()}), "declarations of entities"),
        (repacked({SHEET_XML: b"<worksheet"}), "damaged"),
        (repacked({SHEET_XML: b""}), "damaged"),
        (repacked({"xl/workbook.xml": b"<workbook/>"}), "damaged|without the heads"),
        (repacked({"xl/styles.xml": b"\xff\xfe\x00"}), "damaged"),
        (matrix_xlsx(matrix())[:-300], "no workbook"),
    ],
)
def test_foreign_and_hostile_workbooks_are_refused(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "back.xlsx"
    path.write_bytes(data)
    with pytest.raises(UsageError, match=message) as error:
        read_statuses(path, TERMS)
    assert "back.xlsx" in str(error.value) or "workbook" in str(error.value)


def test_what_is_too_large_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(repacked({"xl/bomb.xml": b"\0" * 60_000_000}))
    assert path.stat().st_size < 1_000_000
    begun = time.process_time()
    with pytest.raises(LimitReached, match="when unpacked"):
        read_statuses(path, TERMS)
    assert time.process_time() - begun < 0.5
    path.write_bytes(repacked({"xl/styles.xml": b"<xf/>" * 100_000}))
    with pytest.raises(LimitReached, match="bytes of styles"):
        read_statuses(path, TERMS)
    path.write_bytes(repacked({f"x{k}.xml": b"" for k in range(600)}))
    with pytest.raises(LimitReached, match="parts of the workbook"):
        read_statuses(path, TERMS)


def test_many_rows_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.xlsx"
    with zipfile.ZipFile(io.BytesIO(matrix_xlsx(matrix()))) as packed:
        sheet = packed.read(SHEET_XML)
    rows = b'<row><c t="inlineStr"><is><t>c</t></is></c></row>' * 5_000
    path.write_bytes(repacked({SHEET_XML: sheet.replace(b"</sheetData>", rows + b"</sheetData>")}))
    with pytest.raises(LimitReached, match="rows in the sheet"):
        read_statuses(path, TERMS)
    path.write_bytes(b"x" * 5_000_001)
    with pytest.raises(LimitReached, match="bytes in the workbook"):
        read_statuses(path, TERMS)


def test_a_size_that_is_a_lie_unpacks_no_more_than_it_says(tmp_path: Path) -> None:
    data = repacked({"xl/bomb.xml": b"\0" * 60_000_000})
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(data.replace((60_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    with pytest.raises(UsageError, match="damaged"):
        read_statuses(path, TERMS)


def test_a_cell_far_away_costs_little(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["A1048576"] = "x"
        sheet["XFD4"] = "y"

    begun = time.process_time()
    assert returned(tmp_path, change) == Returned((), ())
    assert time.process_time() - begun < 5


def test_missing_files_and_folders_are_told(tmp_path: Path) -> None:
    for path in (tmp_path / "none.xlsx", tmp_path):
        with pytest.raises(UsageError, match="cannot be read"):
            read_statuses(path, TERMS)


def broken(seed: int, tmp_path: Path) -> None:
    """A matrix with some bytes changed, in the archive or within a part, is read or refused, never a crash."""
    draw = random.Random(seed)
    if draw.random() < 0.5:
        data = bytearray(matrix_xlsx(matrix()))
        for _ in range(draw.randint(1, 20)):
            data[draw.randrange(len(data))] = draw.randrange(256)
    else:
        with zipfile.ZipFile(io.BytesIO(matrix_xlsx(matrix()))) as packed:
            name = draw.choice(packed.namelist())
            part = bytearray(packed.read(name))
        for _ in range(draw.randint(1, 10)):
            at = draw.randrange(len(part))
            part[at : at + draw.randint(0, 30)] = draw.choice((b"", b"<", b"&", b'"9999999999"', b"\xff", part[:50]))
        data = bytearray(repacked({name: bytes(part)}))
    path = tmp_path / "back.xlsx"
    path.write_bytes(data)
    with contextlib.suppress(DetenteError):
        read_statuses(path, TERMS)


def test_broken_workbooks_never_crash(tmp_path: Path) -> None:
    for seed in range(80):
        broken(seed, tmp_path)


@pytest.mark.sweep
def test_broken_workbooks_never_crash_on_fresh_seeds(tmp_path: Path) -> None:
    first = int(os.environ["DETENTE_SEED"])
    for seed in range(first, first + 200):
        broken(seed, tmp_path)


def test_breached_is_among_what_the_writer_can_tell() -> None:
    again = t.Commitment("again", "achieve", ("west",), ("north",), t.TextAct("x"), trigger=Breached("fuel"))
    terms = t.Terms("d", ("north", "west"), (), t.CalendarPolicy("UTC"), (FUEL, again), Never())
    assert matrix_rows(terms)[0].counter_step == ""  # west is among those who owe it
    assert matrix_rows(terms)[1].do == "from breached(fuel); no deadline"
