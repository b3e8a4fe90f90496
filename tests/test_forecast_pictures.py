"""Pictures of a forecast: well-formed, places in the order of the chances, every name escaped."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import detente
from detente.base.wording import percent
from detente.forecast.drivers import Swing
from detente.forecast.result import Forecast
from detente.pictures.canvas import text_width
from detente.pictures.forecast_bars import forecast_bars, place
from detente.pictures.forecast_fan import forecast_fan
from detente.pictures.forecast_tornado import alone, forecast_tornado, swings

SVG = "{http://www.w3.org/2000/svg}"
RIVALS: dict[str, Any] = {
    "detente": 1,
    "name": "rivals",
    "as_of": "2020-01-31",
    "parties": {"a": {"name": "Alba <&>"}, "b": {"name": "Bruma"}},
    "options": {
        "arms": {"party": "a", "name": "Arms <&>", "levels": ["kept", "cut"]},
        "aid": {"party": "b", "name": "Aid", "levels": ["none", "some"]},
    },
    "preferences": {
        "a": {"utility": {"arms": {"cut": "-3..3"}, "aid": {"some": 2}}},
        "b": {"utility": {"arms": {"cut": 2}, "aid": {"some": "-1 ± 1"}}},
    },
    "forecast": {
        "outcomes": {"both <&> move": "arms and aid", "one moves": "arms or aid", "nothing": "otherwise"},
        "at": ["2020-03-31", "2020-12-31"],
        "reached": "at",
        "behaviour": {"intensity": 2},
        "base_rates": {"one moves": {"value": 0.25, "note": "a quarter"}},
    },
}


@pytest.fixture(scope="module")
def found() -> Forecast:
    out: Forecast = detente.Session(detente.Case.from_dict(RIVALS)).ask("forecast", draws=200, limit=False)
    return out


def test_bars_stand_where_the_chances_are(found: Forecast) -> None:
    svg = forecast_bars([("as <written>", found), ("again", found)])
    root = ET.fromstring(svg)  # noqa: S314 - our own
    boxes = [e for e in root.iter(f"{SVG}rect") if e.get("class") == "node"]
    marks = [e for e in root.iter(f"{SVG}path") if e.get("class") == "bar"]
    assert len(boxes) == len(marks) == 2 * len(found.names)
    for n in range(len(found.names)):
        box, mark = boxes[2 * n], re.match(r"M([\d.]+)", marks[2 * n].get("d", ""))
        assert mark is not None
        assert float(box.get("x", "")) == pytest.approx(place(float(found.answer.low[-1, n])), abs=0.06)
        assert float(mark[1]) == pytest.approx(place(float(found.answer.p[-1, n])), abs=0.06)
    texts = [e.text or "" for e in root.iter(f"{SVG}text")]
    assert "both <&> move" in texts
    assert "base rate 25 %" in texts


def test_places_rise_with_chances() -> None:
    places = [place(k / 10) for k in range(11)]
    assert places == sorted(set(places))
    assert places[5] - places[0] == pytest.approx(places[10] - places[5])


def test_the_fan_needs_two_dates_and_stands_where_the_chances_are(found: Forecast) -> None:
    svg = forecast_fan(found)
    assert svg is not None
    root = ET.fromstring(svg)  # noqa: S314 - our own
    dots = [e for e in root.iter(f"{SVG}circle") if e.get("class") == "dot"]
    assert len(dots) == 2 * len(found.names)
    for n in range(len(found.names)):
        first, last = (float(d.get("cy", "")) for d in dots[2 * n : 2 * n + 2])
        rise = float(found.answer.p[1, n] - found.answer.p[0, n])
        assert first - last == pytest.approx(54 * rise, abs=0.11)
    block = {**RIVALS["forecast"], "at": ["2020-12-31"]}
    one = detente.Session(detente.Case.from_dict({**RIVALS, "forecast": block}))
    assert forecast_fan(one.ask("forecast", draws=20, limit=False)) is None


def test_the_tornado_is_widest_on_top(found: Forecast) -> None:
    rows = swings(found)
    assert rows
    widths = [abs(b - a) for _, a, b in rows]
    assert widths == sorted(widths, reverse=True)
    svg = forecast_tornado(found)
    assert svg is not None
    root = ET.fromstring(svg)  # noqa: S314 - our own
    drawn = [float(e.get("width", "")) for e in root.iter(f"{SVG}rect") if e.get("class") == "node"]
    assert drawn == sorted(drawn, reverse=True)
    assert percent(rows[0][1]) in "".join(root.itertext())


def test_where_draws_tell_no_input_apart_the_tornado_moves_them_alone(found: Forecast) -> None:
    drivers = found.drivers
    assert drivers is not None
    assert drivers.base is not None
    n, each = found.likeliest, []
    for number, driver in enumerate((drivers.each * 3)[:3]):
        ends = np.tile(drivers.base, (2, 1))
        ends[:, n] = (0.5, 0.5 + 0.1 * number + 0.001)  # by a tenth of a point, by 10 points, by 20
        each.append(replace(driver, clear=False, swing=Swing((0.1, 0.9), ends, None, None)))
    unsure = replace(found, drivers=replace(drivers, each=tuple(each)))
    assert swings(unsure) == []
    rows = alone(unsure)
    assert [round(high - low, 3) for _, low, high in rows] == [0.201, 0.101]
    svg = forecast_tornado(unsure)
    assert svg is not None
    text = "".join(ET.fromstring(svg).itertext())  # noqa: S314 - our own
    assert f"all at point values {percent(float(drivers.base[found.likeliest]))}" in text
    assert "as forecast" not in text
    assert forecast_tornado(replace(unsure, drivers=replace(drivers, base=None, each=tuple(each)))) is None


def test_texts_stay_inside_whatever_the_chances(found: Forecast) -> None:
    """Also the longest: under 1 % (under 1 % to over 99 %)."""
    wide = found.answer
    p = np.tile([0.001, 0.999, 0.0], (2, 1))
    p = np.concatenate([p, np.zeros((2, wide.p.shape[1] - 3))], axis=1)
    longest = replace(found, answer=replace(wide, p=p, low=np.full_like(p, 0.001), high=np.full_like(p, 0.999)))
    for svg in (forecast_bars([("as <written>", longest)]), forecast_fan(longest), forecast_tornado(found)):
        assert svg is not None
        for e in ET.fromstring(svg).iter(f"{SVG}text"):  # noqa: S314 - our own
            width = text_width(e.text or "", float(e.get("font-size", "")))
            left = float(e.get("x", "")) - {"start": 0.0, "middle": 0.5, "end": 1.0}[e.get("text-anchor", "")] * width
            assert left >= 0, e.text
            assert left + width <= 680, e.text
