"""The reader of prose: places, propagation, times against references, the draft, and random texts."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from detente.agreement.model import Agreement
from detente.agreement.prose.actors import Names
from detente.agreement.prose.clauses import understood
from detente.agreement.prose.draft import proposed_yaml
from detente.agreement.prose.lexicon import bag
from detente.agreement.prose.lint_prose import lint_prose, party_table
from detente.agreement.prose.reading import Source
from detente.agreement.prose.report import ProseReport
from detente.agreement.prose.sentences import sentences
from detente.base.errors import UsageError
from tests.prose_score import any_modal, files, near_modal, score, table


def read(text: str, parties: str = "") -> ProseReport:
    return lint_prose(text.encode(), "text.txt", party_table(parties))


def who(text: str) -> list[list[str]]:
    return [[a.value for a in c.actors] for c in understood(text, Names()).clauses]


def ids(report: ProseReport) -> set[str]:
    return {f.id for f in report.findings}


def test_the_corpus_is_large_enough_and_its_spans_are_in_its_sentences() -> None:
    parts = files()
    held = [s for p in parts if p["part"] == "held-out" for s in p["sentences"]]
    assert sum(len(p["sentences"]) for p in parts) >= 120
    assert len(held) >= 50
    for sentence in (s for p in parts for s in p["sentences"]):
        for key in ("who", "time", "refs", "weak"):
            assert all(words in sentence["text"] for words in sentence.get(key, [])), sentence
        assert sentence.get("act", "") in sentence["text"]
        assert sentence["class"] in ("obligation", "permission", "prohibition", "other")


def test_the_score_is_the_one_published_and_good_enough() -> None:
    held = [f for f in files() if f["part"] == "held-out"]
    assert score(held).f1 >= 0.7
    assert score([f for f in held if f["words"] == "quoted"]).f1 >= 0.7
    assert score(held).f1 > score(held, near_modal).f1 > score(held, any_modal).f1
    published = (Path(__file__).parent.parent / "docs" / "prose.md").read_text(encoding="utf-8")
    assert "\n".join(table()) in published


def test_references_of_the_corpus_are_never_deadlines() -> None:
    for part in files():
        for sentence in part["sentences"]:
            seen = understood(sentence["text"], Names())
            times = [t.value for c in seen.clauses for t in c.times]
            for ref in sentence.get("refs", []):
                if not any(ref in due for due in sentence.get("time", [])):
                    assert not any(t.startswith(("by ", "on ", "from ")) and ref in t for t in times), sentence


def test_a_shared_subject_goes_to_every_verb() -> None:
    text = "The DPRK will shut down and seal the reactor and invite back IAEA staff."
    assert who(text) == [["The DPRK"]] * 3
    assert [c.act.value for c in understood(text, Names()).clauses] == [
        "shut down",
        "seal the reactor",
        "invite back IAEA staff",
    ]


BAN, DUTY = "prohibition", "obligation"


@pytest.mark.parametrize(
    ("text", "acts"),
    [
        ("Northland undertakes to abstain from, and to stop, any overflight.",
         [(BAN, "any overflight"), (DUTY, "stop, any overflight")]),
        ("Northland agrees not to buy, and to destroy, mines.", [(BAN, "buy"), (DUTY, "destroy, mines")]),
        ("Northland shall not build, and shall dismantle, forts.", [(BAN, "build"), (DUTY, "dismantle, forts")]),
        ("Northland shall refrain from raids and release its men.", [(BAN, "raids"), (DUTY, "release its men")]),
        ("Northland shall refrain from raids, release its captives and withdraw from the bay.",
         [(BAN, "raids"), (DUTY, "release its captives"), (DUTY, "withdraw from the bay")]),
        ("Northland shall refrain from raids and support for pirates.", [(BAN, "raids and support for pirates")]),
        ("Northland shall refrain from any sale or transfer of mines.", [(BAN, "any sale or transfer of mines")]),
        ("Northland shall not build or buy mines.", [(BAN, "build or buy mines")]),
        ("Northland shall not build or purchase mines.", [(BAN, "build"), (BAN, "purchase mines")]),
        ("Northland shall clear the bay and refrain from raids.", [(DUTY, "clear the bay"), (BAN, "raids")]),
        ("Northland shall clear the bay and not return.", [(DUTY, "clear the bay and not return")]),
        ("Northland shall clear the bay and not return to it.", [(DUTY, "clear the bay"), (BAN, "return to it")]),
        ("Northland shall neither build nor buy forts.", [(BAN, "build nor buy forts")]),
        ("Northland shall neither build nor purchase forts.", [(BAN, "build"), (BAN, "purchase forts")]),
        ("Northland undertakes never to build forts and to dismantle boats.",
         [(BAN, "build forts"), (DUTY, "dismantle boats")]),
        ("No later than 4 April 2021 Northland shall leave the bay.", [(DUTY, "leave the bay")]),
        ("Northland shall leave, should the sea freeze over.", [(DUTY, "leave, should the sea freeze over")]),
        ("Iran shall refrain from raids, and the Northern State shall pay.", [(BAN, "raids"), (DUTY, "pay")]),
        ("Northland shall not leave but remain in the bay.", [(BAN, "leave"), (DUTY, "remain in the bay")]),
        ("Northland undertakes to allow guards to enter the bay and to inspect boats.",
         [(DUTY, "allow guards to enter the bay and to inspect boats")]),
    ],
)  # fmt: skip
def test_a_ban_and_a_duty_in_one_sentence_are_two(text: str, acts: list[tuple[str, str]]) -> None:
    assert [(p.kind, p.act.value) for p in read(text).proposed] == acts


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        ("Deliveries of oil will begin soon.", []),
        ("The fuel will be stored.", []),
        ("The fuel will be stored by the IAEA within 3 months.", ["the IAEA"]),
        ("The fuel will be stored by 31 December 2019.", []),
        ("The fuel will be handed over by removing it.", []),
        ("Withdrawal of all troops.", []),
        ("Ensure access to the site.", []),
        ("Egypt, Israel and Jordan shall meet.", ["Egypt", "Israel", "Jordan"]),
        ("Bosnia and Herzegovina shall withdraw its forces.", ["Bosnia and Herzegovina"]),
        ("Upon signing the Parties shall meet.", ["the Parties"]),
        ("The United States, on behalf of the consortium, will pay.", ["The United States"]),
        ("The freeze will be kept.", []),
        ("No later than 4 April 2021 Iran shall leave.", ["Iran"]),
        ("By 4 April 2021 the United States shall leave.", ["the United States"]),
    ],
)
def test_who_is_proposed(text: str, actors: list[str]) -> None:
    seen = understood(text, Names())
    assert [a.value for a in seen.clauses[0].actors] == actors


@pytest.mark.parametrize(
    "text",
    [
        "The Parties reaffirm that they will respect the treaty.",
        'The term "missile" shall mean a weapon.',
        "This treaty shall enter into force on 1 May 2020.",
        "Convinced that peace will last, the Parties have met.",
        "The plan, which will bring peace, is good.",
        "The talks were held in May 2019.",
        "If the Parties shall fail, all is lost.",
    ],
)
def test_what_obliges_nobody_is_not_proposed(text: str) -> None:
    assert understood(text, Names()).clauses == ()


@pytest.mark.parametrize(
    ("text", "rule", "day", "period"),
    [
        ("Iran shall stop by 31 December 2019.", "by-date", "2019-12-31", ""),
        ("Iran shall stop by December 31, 2019.", "by-date", "2019-12-31", ""),
        ("Iran shall stop within three (3) months of the signing.", "within", "", "3 months"),
        ("Iran shall stop no later than 30 days after the report.", "no-later-than", "", "30 days"),
        ("Iran shall stop on the 5th day after the report.", "nth-day", "", ""),
        ("Iran shall report every 3 months.", "every", "", "3 months"),
        ("Once the report is in, Iran shall stop.", "trigger", "", ""),
        ("Iran shall stop by 31 February 2019.", "by-date", "", ""),
    ],
)
def test_times_are_normalised(text: str, rule: str, day: str, period: str) -> None:
    (due,) = understood(text, Names()).clauses[0].times
    assert (due.rule, due.day, due.period) == (rule, day, period)


def test_a_date_that_is_recalled_or_belongs_to_something_else_is_a_reference() -> None:
    for text in ("Reaffirming the Declaration of 27 April 2018, Iran commits to stop.",
                 "Iran shall respect the agreement dated 27 April 2018.",
                 "Iran shall leave the posts taken after 27 April 2018."):  # fmt: skip
        seen = understood(text, Names())
        assert seen.clauses[0].times == (), text
        assert any("27 April 2018" in ref.value for ref in seen.refs), text


@pytest.mark.parametrize(
    ("text", "due", "mentioned"),
    [
        ("Northland, which closed the port before 3 March 2015, shall open it by 4 April 2021.",
         ["2021-04-04"], ["3 March 2015"]),
        ("Trawlers held since the autumn and seized before 3 March 2015 shall sail home.", [], ["3 March 2015"]),
        ("The crews that crossed the river before 3 March 2015 shall be freed.", [], ["3 March 2015"]),
        ("Northland shall give back the boats taken in the strait before 3 March 2015.", [], ["3 March 2015"]),
        ("Northland shall free, by 4 April 2021, the crews who were held before 3 March 2015.",
         ["2021-04-04"], ["3 March 2015"]),
        ("Northland shall lift the tolls in force on 3 March 2015.", [], ["3 March 2015"]),
        ("Northland shall pay back what it took on 3 March 2015.", [], ["3 March 2015"]),
        ("Northland, having closed the port on 3 March 2015, shall open it.", [], ["3 March 2015"]),
        ("By 4 April 2021, boats held in port shall sail home.", ["2021-04-04"], []),
        ("Northland shall ensure that the port is closed by 4 April 2021.", ["2021-04-04"], []),
        ("The mines shall be lifted and removed from the bay before 4 April 2021.", ["2021-04-04"], []),
        ("Northland shall move its armed forces by 4 April 2021.", ["2021-04-04"], []),
    ],
)  # fmt: skip
def test_a_date_that_describes_somebody_or_something_is_no_deadline(
    text: str, due: list[str], mentioned: list[str]
) -> None:
    (item,) = read(text).proposed
    assert [t.day for t in item.times] == due
    assert [r.value for r in item.refs] == mentioned


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("\nNorthland shall pay by 4 April 2021.", "proposed from the text, line 2: 'by 4 April 2021' (2021-04-04)"),
        ("Northland shall pay by 4 April 2021 or by 5 May 2022.",
         "proposed from the text, line 1: 'by 4 April 2021' (2021-04-04) or 'by 5 May 2022' (2022-05-05)"),
        ("Northland shall pay.", "the text does not say"),
    ],
)  # fmt: skip
def test_a_date_in_the_draft_is_a_gap_and_never_a_deadline(text: str, reason: str) -> None:
    draft = proposed_yaml(read(text))
    (commitment,) = Agreement.from_text(draft, "draft").terms().commitments
    assert commitment.gaps["date"] == reason
    assert "deadline:" not in draft


def test_bodies_are_no_parties_of_the_draft_and_owe_nothing() -> None:
    text = ("Northland shall leave by 4 April 2021. The Monitoring Mission shall count boats. Inspectors shall report."
            " The Joint Commission and Northland shall meet. The Arbitral Tribunal shall decide. The Council of"
            " Elders shall be consulted by Southland. Neither side shall build forts.")  # fmt: skip
    terms = Agreement.from_text(draft := proposed_yaml(read(text)), "draft").terms()
    assert set(terms.parties) == {"northland", "southland"}
    assert set(terms.bodies) == {"monitoring-mission", "inspectors", "joint-commission", "arbitral-tribunal"}
    assert draft.count("role: verifier") == 3
    assert draft.count("role: arbiter") == 1
    owed = [c.obligors for c in terms.commitments]
    assert [bool(o) for o in owed] == [True, False, False, True, False, True, False]
    assert "Monitoring Mission, proposed as a body" in terms.commitments[1].gaps["actor"]
    assert "Joint Commission, proposed as a body" in terms.commitments[3].note
    assert set(Agreement.from_text(proposed_yaml(read("The Commission shall pay. Iran shall pay.", "Commission=EU")),
                                   "draft").terms().parties) == {"commission", "iran"}  # fmt: skip


@pytest.mark.parametrize("who", ["Neither side", "No Party", "Each Party", "Neither of the Parties", "Any Party"])
def test_a_group_named_one_by_one_is_no_party_and_no_vague_group(who: str) -> None:
    report = read(f"{who} shall build forts by 4 April 2021.")
    (item,) = report.proposed
    assert item.parties == ()
    assert item.actors[0].collective
    assert "V1" not in ids(report)
    assert report.counts["actor_collective"] == 0
    assert "V1" in ids(read("The Parties shall build forts by 4 April 2021."))
    told = "\n".join(report.lines())
    assert "Neither side - must not" not in told
    assert "No Party - must not" not in told
    assert ("must not" in told) == who.startswith("N")


@pytest.mark.parametrize(
    ("text", "who", "waits", "days"),
    [
        ("Should Southland fail to pay, Northland may close the port.", "Northland",
         "Should Southland fail to pay", []),
        ("If Southland pays, Northland shall open the port.", "Northland", "If Southland pays", []),
        ("If Southland pays by 4 April 2021, Northland shall open the port.", "Northland",
         "If Southland pays by 4 April 2021", []),
        ("Unless Southland pays by 4 April 2021, Northland shall close the port by 5 May 2022.", "Northland",
         "Unless Southland pays by 4 April 2021", ["2022-05-05"]),
        ("Iran shall open the port if Southland pays.", "Iran", "if Southland pays", []),
        ("In the event that Southland pays, Northland shall open it.", "Northland",
         "In the event that Southland pays", []),
    ],
)  # fmt: skip
def test_a_condition_is_a_trigger_and_its_dates_are_no_deadlines(
    text: str, who: str, waits: str, days: list[str]
) -> None:
    report = read(text)
    (item,) = report.proposed
    assert [a.value for a in item.actors] == [who]
    assert [t.value for t in item.times if t.rule == "condition"] == [waits]
    assert [t.day for t in item.times if t.day] == days
    assert "V3" not in ids(report)
    (commitment,) = Agreement.from_text(proposed_yaml(report), "draft").terms().commitments
    assert waits in commitment.gaps["trigger"]


def test_an_aside_with_if_is_no_condition_and_a_duty_with_should_is_none() -> None:
    (item,) = read("Northland shall, if necessary, close the port.").proposed
    assert item.times == ()
    (item,) = read("Northland should close the port.").proposed
    assert (item.kind, item.times) == ("obligation", ())


@pytest.mark.parametrize(
    ("text", "rule", "value", "period"),
    [
        ("Northland shall report annually.", "every", "annually", ""),
        ("Northland shall report twice a year.", "every", "twice a year", ""),
        ("Northland shall pay a toll in 2031 and 2032.", "in-year", "in 2031 and 2032", ""),
        ("Northland shall pay a toll in May 2031.", "in-year", "in May 2031", ""),
        ("Northland shall announce drills 45 days in advance.", "in-advance", "45 days in advance", "45 days"),
        ("Northland shall keep the port open at all times.", "always", "at all times", ""),
        ("Northland shall stay away for three years after the signing.", "for", "for three years after the signing",
         "3 years"),
    ],
)  # fmt: skip
def test_times_that_are_said_are_not_missed(text: str, rule: str, value: str, period: str) -> None:
    report = read(text)
    (time_said,) = report.proposed[0].times
    assert (time_said.rule, time_said.value, time_said.period) == (rule, value, period)
    assert "V3" not in ids(report)


def test_an_annual_report_is_no_time() -> None:
    assert "V3" in ids(read("Northland shall publish the monthly report."))


@pytest.mark.parametrize(
    ("text", "kind", "who", "what"),
    [
        ("Iran shall, subject to Article 9, pay a toll.", DUTY, ["Iran"], "subject to Article 9, pay a toll"),
        ("No Party shall, without notice to the other, build forts.", BAN, ["No Party"],
         "without notice to the other, build forts"),
        ("Iran shall, under no circumstances, build forts.", BAN, ["Iran"], "build forts"),
        ("Iran shall at no time build forts.", BAN, ["Iran"], "build forts"),
        ("Each Party can leave the treaty.", "permission", ["Each Party"], "leave the treaty"),
        ("Ferries shall be permitted to pass.", "permission", [], "Ferries: pass"),
        ("Ferries shall not be permitted to pass.", BAN, [], "Ferries: pass"),
        ("Iran shall be required to pay.", DUTY, ["Iran"], "pay"),
        ("Iran shall be prohibited from building forts.", BAN, ["Iran"], "building forts"),
        ("Iran is not prohibited from building forts.", "permission", ["Iran"], "building forts"),
        ("Annex B. It is agreed that Iran shall pay.", DUTY, ["Iran"], "pay"),
        ("No mines shall be laid.", BAN, [], "any mines: be laid"),
        ("Neither side shall be disarmed.", BAN, [], "any side: be disarmed"),
        ("Article 9. Iran shall pay.", DUTY, ["Iran"], "pay"),
    ],
)  # fmt: skip
def test_what_was_not_understood_before(text: str, kind: str, who: list[str], what: str) -> None:
    report = read(text)
    (item,) = report.proposed
    assert (item.kind, [a.value for a in item.actors], item.what) == (kind, who, what)
    assert report.sentences == 1


@pytest.mark.parametrize(
    "text", ["Article 9. Deposit", "ANNEX B", "Section 4.2: Release of persons", "Deposit", "Withdraw.",
             "The plan can help Iran.", "Iran is not required to pay.", "Iran shall not be obliged to pay."]
)  # fmt: skip
def test_a_heading_an_ability_and_freedom_from_a_duty_are_no_duties(text: str) -> None:
    assert read(text).proposed == ()


def test_a_heading_ends_at_its_line() -> None:
    report = read("Article 9. Deposit\nIran shall pay a toll to\nSouthland.\nArticle 10. Iran shall leave.")
    assert [(p.line, p.what) for p in report.proposed] == [(2, "pay a toll to Southland"), (4, "leave")]


def test_neither_nor_names_two_who_must_not() -> None:
    (item,) = read("Neither Northland nor Southland shall build forts.").proposed
    assert (item.kind, item.parties) == (BAN, ("Northland", "Southland"))


def test_what_a_terminal_says() -> None:
    text = "Iran may stay by 4 April 2021. Neither side shall build forts. Iran shall pay. The sky is blue."
    told = read(text).lines()
    assert told[0].startswith("text.txt: four sentences.")
    assert told[1] == ("  One duty, one permission and one prohibition. Naming nobody: 0; only a group: 0."
                       " Sentences that tell an attitude: 0; not understood: 1.")  # fmt: skip
    assert "p2, line 1: each side - must not: build forts" in told
    at = next(n for n, line in enumerate(told) if line.startswith("    error V3"))
    assert told[at + 1] == "      Repair: by [date], or within [n] days after [event]."
    assert told[-2:] == ("Not understood: one sentence of 4", "  line 1: The sky is blue.")


def test_nothing_is_cut_off_that_turns_the_rest_round() -> None:
    long = "keep every boat of its merchant navy in the inner harbour of the eastern port and the wide northern bay"
    report = read(f"Iran shall {long} unless Iraq leaves. Iran shall {long} in good order.\n\n"
                  f"Iran shall not {long}. Iran may {long} without any toll at all. Iran shall ensure that boats {long}"
                  " that are not painted.")  # fmt: skip
    terms = Agreement.from_text(proposed_yaml(report), "draft").terms()
    told = [c.title for c in terms.commitments]
    for title in told[:2]:
        assert title.endswith(" ...")
        assert long.startswith(title[:-3])
        assert len(title) <= 84
    assert "unless Iraq leaves" in terms.commitments[0].gaps["trigger"]
    assert told[2].startswith("Must not: keep")
    assert told[3] == f"May: {long} without any toll at all"
    assert told[4].endswith("that are not painted")
    assert [c.id.startswith("not-") for c in terms.commitments] == [False, False, True, False, False]
    assert "not painted" in "\n".join(report.lines())


def test_every_place_is_where_it_says() -> None:
    corpus = "\n\n".join(s["text"] for p in files() for s in p["sentences"])
    text = "# A title\r\n\r\n> 1. The U.S. shall **close** the\r\n   site by 1 May 2020. Iran may stay.\n\n" + corpus
    report = read(text)
    source = Source("x", text)
    assert len(report.proposed) > 100
    for item in report.proposed:
        spans = [(s.start, s.end, s.value) for s in (item.cue, item.act, *([item.target] if item.target else []))]
        spans += [(a.start, a.end, a.value) for a in item.actors] + [
            (t.start, t.end, t.value) for t in (*item.times, *item.refs)
        ]
        for start, end, value in spans:
            written = text[start:end].replace("*", " ").replace(">", " ")
            assert " ".join(written.split()) == value
            assert item.start <= start <= end <= item.end
        line = text.split("\n")[item.line - 1]
        assert source.place(item.act.start) == (item.line, item.column)
        assert line[item.column - 1 :].startswith(text[item.act.start : item.act.start + 1])
        for start, end, word, _, _ in item.weak:
            assert " ".join(text[start:end].lower().split()) == word
    covered = [*[(p.start, p.end) for p in report.proposed], *[(u.start, u.end) for u in report.unread]]
    assert len(set(covered)) == report.sentences


def test_sentences_end_where_they_end() -> None:
    text = "1. The U.S. and Mr. J. Kim met. (a) Art. 5 applies; and\n- No. 3 is void. He left!\n\nNew\nline"
    found = [s.shown for s in sentences(text)]
    assert found == [
        "The U.S. and Mr. J. Kim met.",
        "(a) Art. 5 applies; and",
        "No. 3 is void.",
        "He left!",
        "New line",
    ]


def test_findings_of_singapore_like_prose() -> None:
    report = read("Reaffirming what was said on 27 April 2018, the DPRK commits to work toward peace.\n"
                  "Both sides will meet promptly.\n"
                  "Modalities are to be agreed by the sides.\nThe oil will be delivered.")  # fmt: skip
    assert {"V1", "V2", "V3", "V5", "V7", "V9", "V11"} <= ids(report)
    dated = next(f for f in report.findings if f.id == "V3")
    assert dated.witness["references"] == ["27 April 2018"]


def test_a_precise_text_has_few_findings() -> None:
    report = read("Iran shall close the Fordow plant by 1 May 2030, verified by the IAEA."
                  " Iran shall pay a penalty of 5 million dollars"
                  " by 1 June 2030 for each breach that inspectors report.")  # fmt: skip
    assert ids(report) == set()


def test_the_user_says_who_is_who() -> None:
    report = read("North Korea shall stop. The DPRK shall leave.", "DPRK=North Korea; US=United States")
    assert [p.parties for p in report.proposed] == [("DPRK",), ("DPRK",)]
    with pytest.raises(UsageError):
        party_table("a=x; b=X")


def test_the_text_defines_names() -> None:
    report = read('The Republic of Examplia (hereinafter "Examplia") agrees to stop by 1 May 2020.')
    assert report.names == (("Examplia", 1),)


def test_the_draft_is_an_agreement_in_which_nothing_is_confirmed() -> None:
    report = read(
        "\n\n".join(s["text"] for p in files() for s in p["sentences"]),
        "DPRK=the DPRK; US=the US,The U.S.,United States",
    )
    agreement = Agreement.from_text(proposed_yaml(report), "draft")
    terms = agreement.terms()
    assert len(terms.commitments) == len(report.proposed)
    for commitment, item in zip(terms.commitments, report.proposed, strict=True):
        assert "not confirmed" in commitment.note
        assert f"line {item.line}" in commitment.note
        assert {"verifier", "evidence", "consequence"} <= set(commitment.gaps)
        assert bool(commitment.obligors) != ("actor" in commitment.gaps)


@pytest.mark.parametrize("text", ["", "The sky is blue."])
def test_a_text_without_commitments_makes_no_draft(text: str) -> None:
    assert read(text).proposed == ()
    with pytest.raises(UsageError):
        proposed_yaml(read(text))


def test_the_same_text_gives_the_same_report() -> None:
    text = "The DPRK shall stop. They will try."
    assert read(text).to_dict() == read(text).to_dict()


WORDS = (
    *bag("""shall will must may not the Parties DPRK and or , ; : . by within three months of 1 May 2020 ( ) [ ] * # >
        - | Reaffirming that
        which agree to be sealed once upon after no later than U.S. Withdrawal Ensure if unless {} & '
        ’ é 中 's Iran Iran's has the right"""),
    "\u202e", "\n", " \n\n", "\t", "\r", '"',
)  # fmt: skip


def test_random_texts_never_crash_and_their_drafts_load() -> None:
    draw = random.Random(11)
    drafts = 0
    for _ in range(600):
        text = " ".join(draw.choice(WORDS) for _ in range(draw.randrange(40))).replace("\x00", "")
        report = read(text)
        assert report.lines()
        for item in report.proposed:
            assert item.start <= item.act.start <= item.act.end <= item.end
        if report.proposed:
            Agreement.from_text(proposed_yaml(report), "draft")
            drafts += 1
    assert drafts > 200


@pytest.mark.parametrize(
    "piece",
    ["a", " ", "shall ", "the ", ", ", "(", "((", "A.", "A. ", "and ", "by the ", "shall be ",
     "Reaffirming ", "(hereinafter ", "within 3 months of ",
     "\n", "- ", "1.", "1. ", "; ", "agree that ", "if ", "no later than ", "A ", "of ", "'", '" ', "*", "upon "],
)  # fmt: skip
def test_long_runs_of_one_piece_take_linear_time(piece: str) -> None:
    start = time.process_time()
    read(piece * (100_000 // len(piece)))
    read(("The DPRK shall " + piece * 60)[:3_900])
    read("The DPRK shall " + piece * (3_900 // len(piece)))
    assert time.process_time() - start < 6
