"""The verb ``settle``: its statuses, files, errors; the words, tables and the picture of an answer."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

import detente
from detente.base.errors import UsageError
from detente.brief.document import make_brief
from detente.brief.reading import Reading
from detente.brief.sections import settlement as settlement_section
from detente.cli.contracts import result_schema
from detente.cli.ratify import command as ratify_command
from detente.cli.settle import command
from detente.inquiry.session import Session
from detente.mechanics.payoffs import Levels
from detente.pictures.payoff_scatter import caption, payoff_scatter
from detente.settlement.named import exchange_table, named_deals, points_table
from detente.settlement.report import Telling, report
from detente.settlement.result import RULES, Settlement

NAMES = ("korea-2019", "elmira", "chicken", "gisborne", "sustainable-development")


def run(*words: str) -> Result:
    return CliRunner().invoke(command, [*words])


def answer(*words: str) -> Any:
    done = run(*words, "--json")
    assert done.exit_code in (0, 1), done.output
    content = json.loads(done.stdout)
    jsonschema.validate(content, result_schema("settle"))
    return content


def asked(name: str, **how: Any) -> Settlement:
    found = Session(detente.load(name)).ask("settle", **{"draws": 50, **how})
    assert isinstance(found, Settlement)
    return found


# --- statuses and parameters -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_follows_its_contract_and_its_status(name: str) -> None:
    content = answer(name, "--draws", "50")
    done = run(name, "--draws", "50")
    assert done.exit_code == int(content["verdict"] == "none")
    assert content["draws"]["draws"] == 50
    assert content["draws"]["holds"] == content["draws"]["verdicts"][content["verdict"]]
    assert sum(content["draws"]["verdicts"].values()) == pytest.approx(1)
    levels = [d["levels"] for d in content["draws"]["deals"]]
    for deals in content["points"].values():
        assert all(deals[0]["levels"] in levels for deals in [deals] if deals)


def test_rules_weights_seed_and_no_draws() -> None:
    content = answer("korea-2019", "--rule", "nash,ks", "--weights", "us=2,dprk=1", "--draws", "0")
    assert list(content["points"]) == ["nash", "ks"]
    assert content["weights"] == {"dprk": 1.0, "us": 2.0}
    assert content["draws"] is None
    assert content["seed"] is None
    assert content["ratifiable"] is None
    plain = answer("korea-2019", "--rule", "nash", "--draws", "0")
    # power counts: with twice the weight the United States gets no less
    assert content["points"]["nash"][0]["payoffs"]["us"] >= plain["points"]["nash"][0]["payoffs"]["us"]
    assert answer("korea-2019", "--draws", "30", "--seed", "4")["seed"] == 4


def test_what_ratification_costs() -> None:
    content = answer("korea-2019", "--draws", "0", "--ratifiable")
    kept = content["ratifiable"]
    assert 0 < kept["zone_size"] < content["zone_size"]
    ratify = Session(detente.load("korea-2019")).ask("ratify", draws=0).cost
    assert ratify.passing == kept["zone_size"]
    for rule, losses in kept["losses"].items():
        for party, loss in losses.items():
            before, after = (c[rule][0]["payoffs"][party] for c in (content["points"], kept["points"]))
            assert loss == pytest.approx(before - after)
    text = run("korea-2019", "--draws", "0", "--ratifiable").output
    assert f"{content['zone_size']:,} deals without that, zone of agreement of {kept['zone_size']:,} deals with" in text


def test_ratification_can_close_the_zone() -> None:
    """Only the deals that need a vote help both, and the vote cannot be won."""
    tree = {
        "detente": 1, "name": "vote", "parties": {"a": {}, "b": {}}, "options": {"deal": {"party": "a"}},
        "preferences": {p: {"utility": {"deal": {"yes": 1}}} for p in "ab"},
        "ratification": {"bodies": {"house": {"quota": 51, "blocs": {"all": {"votes": 100, "accepts": 0.1}}}},
                         "requirements": [{"when": "deal", "needs": "house"}]},
    }  # fmt: skip
    session = Session(detente.Case.from_dict(tree))
    found, passing = session.ask("settle", draws=0), session.ask("settle_ratifiable")
    assert (found.verdict, passing.verdict) == ("zone", "none")
    text = "\n".join(report(found, passing))
    assert "zone of agreement of one deal without that, no zone with it" in text
    assert "There is a zone of agreement (one deal), but no deal in it would pass at home." in text.splitlines()[0]
    assert "1 → no deal" in text


@pytest.mark.parametrize(
    ("words", "piece"),
    [
        (("--rule", "nsah"), "Did you mean 'nash'"),
        (("--rule", ","), "a rule such as nash"),
        (("--weights", "uss=1"), "Did you mean 'us'"),
        (("--weights", "china=1"), "a signatory"),
        (("--weights", "us"), "party=weight"),
        (("--weights", "us=x"), "a number of at least 0"),
        (("--weights", "us=-1"), "a number of at least 0"),
        (("--weights", "us=1e999999999"), "a number of at least 0"),
        (("--weights", "us=1,us=2"), "two weights"),
        (("--weights", "us=0,dprk=0"), "at least one above 0"),
        (("-o", "x.docx"), "a file ending in"),
        (("--method", "merge"), "merging"),
    ],
)
def test_wrong_use_is_told_plainly(words: tuple[str, ...], piece: str) -> None:
    done = run("korea-2019", "--draws", "0", *words)
    assert isinstance(done.exception, UsageError)
    assert piece in str(done.exception)


def test_a_limit_gives_the_best_answer_so_far(tmp_path: Path) -> None:
    options = "".join(f"  o{n}: {{party: {'ab'[n % 2]}, levels: [x, y, z]}}\n" for n in range(24))
    worth = {
        p: {f"o{n}": {"y": (n * k) % 7 - 3, "z": (n * k) % 5 - 2} for n in range(24)} for p, k in (("a", 3), ("b", 5))
    }
    tied = "infeasible:\n" + "".join(f"  - o{n} and o{n + 1} and o{n + 2}\n" for n in range(22))
    text = f"detente: 1\nname: big\nparties: {{a: {{}}, b: {{}}}}\noptions:\n{options}{tied}"
    text += f"preferences: {json.dumps({p: {'utility': w} for p, w in worth.items()})}\n"
    file = tmp_path / "big.case.yaml"
    file.write_text(text, encoding="utf-8")
    done = run(str(file), "--seconds", "0.1", "--method", "milp", "--json")
    assert done.exit_code == 3, done.output
    content = json.loads(done.stdout)
    jsonschema.validate(content, result_schema("settle"))
    assert content["unproven"]
    assert "stopped by a limit" in done.stderr


def test_rules_and_parties_can_be_named_as_printed() -> None:
    content = answer("korea-2019", "--rule", "Kalai-Smorodinsky,equal loss", "--weights", "united states=2,DPRK=1",
                     "--draws", "0")  # fmt: skip
    assert list(content["points"]) == ["ks", "equal_loss"]
    assert content["weights"] == {"dprk": 1.0, "us": 2.0}
    text = run("korea-2019", "--rule", "nash", "--weights", "us=2", "--draws", "0").output
    assert "A. Nash (largest weighted product of gains):" in text


def test_lotteries_are_told_by_letters_and_for_the_rules_asked() -> None:
    text = run("korea-2019", "--rule", "ks,nash", "--draws", "0").output
    assert "the smallest share of what each could gain could be 1.5 % larger than by Kalai-Smorodinsky" in text
    assert re.search(r": \d+ % of [AB], \d+ % of [AB]\.", text)
    assert "egalitarian" not in text
    nash = run("korea-2019", "--rule", "nash", "--draws", "0").output
    assert "By lot" not in nash


def test_a_method_asked_for_is_told_as_asked(tmp_path: Path) -> None:
    file = tmp_path / "two.case.yaml"
    file.write_text(json.dumps({
        "detente": 1, "name": "two", "parties": {"a": {}, "b": {}}, "options": {"x": {"party": "a"}},
        "preferences": {p: {"utility": {"x": {"yes": 1}}} for p in "ab"},
    }), encoding="utf-8")  # fmt: skip
    text = run(str(file), "--method", "milp").output
    assert "As asked, the best deals were found by integer programming, and proven to be the best." in text
    assert "too many" not in text


def test_of_orders_places_are_told_and_the_ordinal_rule_alone() -> None:
    text = run("sustainable-development", "--draws", "0").output
    assert "Environmental agencies no. 4 of 4, Developers no. 3 of 4 (places in each party's order" in text
    assert "Nash" not in text
    assert "evenly spaced" not in text
    asked_for = run("sustainable-development", "--draws", "0", "--rule", "nash").output
    assert "A. Nash (largest product of gains), if steps count alike:" in asked_for


PARTIAL = {
    "detente": 1, "name": "part", "title": "A road", "parties": {"a": {"name": "Alba"}, "b": {"name": "Borea"}},
    "options": {"road": {"party": "a", "name": "Road"}, "pay": {"party": "b", "name": "Toll"}},
    "preferences": {"a": {"partial": [["pay and not road", "not pay and not road"]]},
                    "b": {"utility": {"road": {"yes": 10}, "pay": {"yes": -1}}}},
}  # fmt: skip


def test_no_zone_is_claimed_for_a_party_that_is_left_out() -> None:
    found = Session(detente.Case.from_dict(PARTIAL)).ask("settle", draws=200)
    first = report(found)[0]
    assert first.startswith("A road. Not decided whether there is a zone of agreement: Alba's preferences are too")
    assert "for the others two deals are better than no deal" in first  # road, with or without toll
    assert found.drawn is not None
    assert f"in {100 * found.drawn.verdicts['zone']:.0f} % of what fits" in first
    assert all("regret" not in n.rules for n in named_deals(found))  # it would be no deal at all
    assert "what fits" not in report(found, telling=Telling(shared=True))[0]
    reading = Reading.of(Session(detente.Case.from_dict(PARTIAL)))
    section = settlement_section.section(reading)
    assert section is not None
    assert section.summary[0].startswith("Not decided whether there is a zone of agreement: Alba's")
    assert settlement_section._row(reading, found, "nash")[1] == "not decided"


def test_what_an_order_does_not_decide_is_told_once() -> None:
    found = Session(detente.Case.from_dict(PARTIAL)).ask("settle", draws=200)
    text = "\n".join(report(found))
    assert len(re.findall("is not decided by", text)) == 2  # the verdict, and what the rules pick
    assert "What the rules Nash, Kalai-Smorodinsky, egalitarian" in text
    assert "smallest largest regret" not in text
    assert found.drawn is not None
    ask = next(a for a in found.drawn.asks if a.about == "fallback")
    shares = found.drawn.again["fallback"]
    assert list(shares.values())[0] == ask.share  # noqa: RUF015 - the deal picked at the point values stands first
    assert f"fallback {100 * ask.share:.0f} %" in text


def test_the_brief_and_the_terminal_give_the_same_letters() -> None:
    found = asked("korea-2019", draws=1000, rules=RULES)
    whole = named_deals(found)
    told = named_deals(found, settlement_section._rules(found))
    assert [(n.letter, n.deal) for n in whole][: len(told)] == [(n.letter, n.deal) for n in told]
    assert len(told) < len(whole)
    assert "in the worst of these 1,000 draws" in "\n".join(report(found))
    assert "in the worst of these 1,000 draws" in "\n".join(texts_of("korea-2019"))


def road(*, gain: float) -> str:
    tree = {
        "detente": 1, "name": "money", "title": "A road", "period": "year",
        "parties": {"a": {"name": "Alba", "money": 1}, "b": {"name": "Borea", "money": 2}},
        "options": {"road": {"party": "a", "name": "Road"}},
        "preferences": {"a": {"utility": {"road": {"yes": -3}}}, "b": {"utility": {"road": {"yes": gain}}}},
    }  # fmt: skip
    return "\n".join(report(Session(detente.Case.from_dict(tree)).ask("settle", draws=0)))


def test_payments_are_told_with_their_size() -> None:
    text = road(gain=10)  # worth 5 in money to Borea
    assert "If Borea paid Alba between 3 and 5 per year for Road: yes, both would gain." in text
    assert "If Borea paid Alba 3 per year for Road: yes, neither would lose." in road(gain=6)
    short = road(gain=2)
    assert "still be 2 short in money: for Road: yes Alba would need at least 3 and Borea could pay up to 1" in short
    assert "Road: yes (Alba could do this alone)." in text
    assert "It would cost Alba 3. All" in text
    assert "leaves it what it has without one" in text
    case = detente.Case.from_dict(PARTIAL | {"preferences": {
        "a": {"utility": {"road": {"yes": -3}}},
        "b": {"utility": {"road == yes and pay == yes": 1, "pay": {"yes": -4}}},
    }})  # fmt: skip
    assert "alone" not in "\n".join(report(Session(case).ask("settle", draws=0))).partition("It would")[0]


def test_where_there_is_no_zone_the_table_gives_the_nearest_deal_and_its_losses(tmp_path: Path) -> None:
    file = tmp_path / "e.csv"
    assert run("elmira", "--draws", "0", "-o", str(file)).exit_code == 1
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
    assert [r["picked by"] for r in rows] == ["no deal", "smallest largest loss", "smallest sum of losses"]
    found = asked("elmira", draws=0)
    for row in rows[1:]:
        for party in found.bargain.axes:
            name = found.bargain.case.party_name(party)
            lost = max(float(rows[0][name]) - float(row[name]), 0)
            assert float(row[f"{name} loses"]) == pytest.approx(lost)


def test_every_deal_of_the_frontier_on_request() -> None:
    text = run("chicken", "--draws", "0", "--full").output
    assert "Every deal that can only be improved on" in text
    assert "Every deal" not in run("chicken", "--draws", "0").output


def test_the_text_says_what_it_rests_on() -> None:
    words = ("--rule", "nash", "--draws", "0")
    second = run("korea-2019", *words).output.splitlines()[1]
    assert second.startswith("The case as written. DPRK is taken as 'keep the core' (")
    assert "%)" in second
    assert "Weights" not in second
    edit = ("--set", "parties.us.discount=0.9", "--type", "dprk=developer")
    second = run("korea-2019", *words, "--view", "zhang", *edit[:2], "--weights", "us=2,dprk=1").output.splitlines()[1]
    assert "As read by Zhang Liangui." in second
    assert "Changed for this question: parties.us.discount = 0.9." in second
    assert "Weights: DPRK 1, United States 2." in second
    assert "'development first' (assumed; " in run("korea-2019", *words, *edit).output
    shared = run("korea-2019", *words, *edit, "--for", "shared").output
    assert "The case as written." in shared
    assert "development first" not in shared
    assert "discount" not in shared
    ratify = CliRunner().invoke(ratify_command, ["korea-2019", "--draws", "0", *edit]).output.splitlines()[1]
    assert "'development first' (assumed; " in ratify
    assert "= 0.9." in ratify


# --- files -----------------------------------------------------------------------------------------------------------


def test_files_by_suffix(tmp_path: Path) -> None:
    for suffix in ("json", "csv", "txt", "svg"):
        file = tmp_path / f"x.{suffix}"
        assert run("korea-2019", "--draws", "20", "-o", str(file)).exit_code == 0
        assert file.read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO((tmp_path / "x.csv").read_text(encoding="utf-8"))))
    found = asked("korea-2019", draws=20)
    case, named = found.bargain.case, named_deals(found)
    options = [case.option_name(o) for o in case.options]
    parties = [case.party_name(p) for p in (*found.bargain.voices, *found.bargain.affected)]
    assert rows[0] == ["deal", "picked by", *options, *parties, "better for all, share of draws"]
    assert rows[1][:2] == ["", "no deal"]
    assert [r[0] for r in rows[2:]] == [n.letter for n in named]
    for row, one in zip(rows[2:], named, strict=True):
        levels = [w.levels[n] for w, n in zip(case.file.options.values(), one.deal.levels, strict=True)]
        assert row[2 : 2 + len(options)] == levels
        assert float(row[2 + len(options)]) == pytest.approx(float(one.deal.payoffs["dprk"]), abs=1e-4)
        assert one.position is not None
        assert found.drawn is not None
        assert float(row[-1]) == pytest.approx(found.drawn.zone[one.position])
    ET.fromstring((tmp_path / "x.svg").read_text(encoding="utf-8"))  # noqa: S314 - our own file


def test_for_all_sides_nothing_tells_what_a_deal_is_worth(tmp_path: Path) -> None:
    secret = json.loads(run("korea-2019", "--draws", "20", "--json").stdout)
    numbers = {f"{v:.4g}" for d in secret["frontier"] for v in d["payoffs"].values() if abs(v) > 2.05 and v % 1}
    assert len(numbers) > 5
    for words in (("--json",), (), ("-o", str(tmp_path / "x.csv"))):
        done = run("korea-2019", "--draws", "20", "--ratifiable", "--for", "shared", *words)
        assert done.exit_code == 0, done.output
        text = done.stdout if "-o" not in words else (tmp_path / "x.csv").read_text(encoding="utf-8")
        assert "ongbyon" in text
        if words == ("--json",):
            content = json.loads(text)
            jsonschema.validate(content, result_schema("settle"))
            assert content["disagreement"] == content["stakes"] == {}
            text = text.split('"disagreement"')[1]
        assert not {n for n in numbers if re.search(rf"(?<![\d.]){re.escape(n)}(?![\d.])", text)}
    done = run("korea-2019", "--for", "shared", "-o", str(tmp_path / "x.svg"))
    assert "its own secret" in str(done.exception)


# --- words and tables ------------------------------------------------------------------------------------------------


def test_who_gives_what_is_what_the_deals_change() -> None:
    found = asked("korea-2019")
    named = named_deals(found)
    table = exchange_table(found, named)
    case, today = found.bargain.case, found.bargain.status_quo
    assert today is not None
    given: dict[str, list[str]] = {}
    for row in table.rows:
        given[row[1]] = list(row[3:])
    for number, (option, written) in enumerate(case.file.options.items()):
        name = case.option_name(option)
        changed = [n.deal.levels[number] != today[number] for n in named]
        assert (name in given) == any(changed)
        for cell, n, differs in zip(given.get(name, []), named, changed, strict=False):
            assert cell == (written.levels[n.deal.levels[number]].replace("-", " ") if differs else "·")
    owners = [row[0] for row in table.rows if row[0]]
    assert owners == [case.party_name(p) for p in case.parties]


def test_each_named_deal_is_what_its_rules_pick() -> None:
    found = asked("korea-2019")
    named = named_deals(found)
    picked: dict[str, set[Levels]] = {r: {c.deals[0].levels for c in cs} for r, cs in found.points.items()}
    assert found.drawn is not None
    for one in named:
        for rule in one.rules:
            if rule != "regret":
                assert one.deal.levels in picked[rule]
    assert {r for n in named for r in n.rules} == {*RULES, "regret"}
    assert [r[0] for r in points_table(found, named).rows] == ["", *(n.letter for n in named)]
    regret = next(n for n in named if "regret" in n.rules)
    assert regret.position in found.drawn.regret.deals


@pytest.mark.parametrize("name", NAMES)
def test_the_report_names_parties_and_no_ids(name: str) -> None:
    found = asked(name)
    text = "\n".join(report(found))
    assert not re.search(r"\bs\d+\b", text)
    assert "draws" in text
    for party in found.bargain.voices:
        assert found.bargain.case.party_name(party) in text


def test_losses_in_an_order_are_told_in_places() -> None:
    text = "\n".join(report(asked("elmira")))
    assert "It would cost Uniroyal two places and Local government one place." in text
    assert "three places lower in the order of Uniroyal alone" in text


# --- the picture -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_is_well_formed_and_nothing_leaves_it(name: str) -> None:
    found = asked(name)
    text = payoff_scatter(found, standalone=True)
    assert text is not None
    assert "var(" not in text
    root = ET.fromstring(text)  # noqa: S314 - our own file
    width, height = (float(x) for x in root.attrib["viewBox"].split()[2:])
    space = "{http://www.w3.org/2000/svg}"
    circles = [(float(c.attrib["cx"]), float(c.attrib["cy"])) for c in root.iter(f"{space}circle")]
    assert circles
    assert all(0 <= x <= width and 0 <= y <= height for x, y in circles)
    texts = [t.text for t in root.iter(f"{space}text")]
    for one in named_deals(found):
        assert one.letter in texts
    assert texts.count("no deal") >= 1


def test_letters_do_not_cover_each_other() -> None:
    found = asked("korea-2019")
    text = payoff_scatter(found)
    assert text is not None
    places = [(float(x), float(y)) for x, y in re.findall(r'class="state" cx="([\d.]+)" cy="([\d.]+)" r="8.5"', text)]
    assert len(places) == len(named_deals(found))
    for n, (x, y) in enumerate(places):
        for a, b in places[:n]:
            assert (x - a) ** 2 + (y - b) ** 2 >= 17**2


def test_many_deals_share_marks_and_the_caption_says_so() -> None:
    korea, chicken = asked("korea-2019"), asked("chicken")
    text = payoff_scatter(korea)
    assert text is not None
    assert text.count("<circle") < 4000
    assert "share one mark" in caption(korea)
    assert "share one mark" not in caption(chicken)
    assert payoff_scatter(asked("korea-2019", rules=("nash",), draws=0), [], standalone=True) is not None


def test_one_signatory_has_no_picture() -> None:
    tree = {"detente": 1, "name": "one", "parties": {"a": {}, "b": {"role": "affected"}},
            "options": {"o": {"party": "a"}}, "preferences": {"a": {"utility": {"o": {"yes": 1}}}}}  # fmt: skip
    assert payoff_scatter(Session(detente.Case.from_dict(tree)).ask("settle")) is None


# --- the brief -------------------------------------------------------------------------------------------------------


def texts_of(name: str, **how: Any) -> list[str]:
    section = settlement_section.section(Reading.of(Session(detente.load(name)), **how))
    assert section is not None
    return [t for b in section.blocks for t in b.texts()]


def test_the_brief_says_what_all_could_accept() -> None:
    text = "\n".join(texts_of("korea-2019"))
    found = asked("korea-2019", draws=1000, rules=RULES)
    assert f"Of 19,404 possible deals {found.zone_size:,} are better than no deal" in text
    assert "20 % Nuclear and missile tests: resumed" in text  # what no deal means
    assert "of 1,000 draws of the uncertain numbers" in text
    assert "All of them have in common: Yongbyon complex: dismantled" in text
    assert re.search(r"As read by Zhang Liangui \(DPRK is taken as '", text)
    assert "would pass at home" in text
    assert "egalitarian" not in text  # it compares utilities across parties, which the case does not allow
    assert not re.search(r"\bs\d+\b", text)


def test_the_brief_tells_an_order_in_places() -> None:
    text = "\n".join(texts_of("sustainable-development"))
    assert "no. 1 of 4" in text
    assert "Nash" not in text
    none = "\n".join(texts_of("elmira"))
    assert "There is no zone of agreement" in none
    assert "Who stands in the way: Uniroyal" in none


def test_the_brief_for_all_sides_keeps_their_secrets() -> None:
    text = "\n".join(texts_of("korea-2019", shared=True))
    assert "who gives" in text
    assert "draws" not in text
    assert "3.7" not in text
    assert "%" not in text


def test_sections_stand_in_their_order() -> None:
    titles = [s.title for s in make_brief(Session(detente.load("korea-2019"))).sections]
    order = ["Who could move together", "What could all sides accept?", "Would it pass at home?"]
    assert [t for t in titles if t in order] == order


def test_a_case_without_preferences_has_no_such_section() -> None:
    tree = {"detente": 1, "name": "mute", "parties": {"a": {}}, "options": {"o": {"party": "a"}}}
    assert settlement_section.section(Reading.of(Session(detente.Case.from_dict(tree)))) is None
