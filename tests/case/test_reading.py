"""Files: all problems at once, exact places, one meaning for file and code."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest
import yaml

import detente
from detente.case.fields import conditional_amount
from detente.case.schema import case_schema
from detente.catalog import catalog_names, catalog_text

TEXT = """detente: 1
name: test
titel: x
parties:
  us: {name: United States, discount: 1.5}
  dprk: {}
options:
  access: {party: dprk, levels: [none, some]}
  relief: {party: usa}
infeasible:
  - "access == some and reliev"
preferences:
  us:
    utility: {"access == non": 3, access: {some: 1 ± 0.2}}
views:
  v: {preferences: {us: {utility: {acces: {some: 2}}}}}
"""


def test_all_problems_at_once_with_line_and_column() -> None:
    with pytest.raises(detente.CaseError) as caught:
        detente.Case.from_text(TEXT, "f.yaml")
    lines = TEXT.splitlines()
    places = {p.path: (p.line, p.column) for p in caught.value.problems()}

    def at(line: int, piece: str) -> tuple[int, int]:
        return line, lines[line - 1].index(piece) + 1

    assert places == {
        "titel": at(3, "titel"),
        "parties.us.discount": at(5, "1.5"),
        "options.relief.party": at(9, "usa"),
        "infeasible[0]": at(11, "reliev"),
        'preferences.us.utility."access == non"': at(14, "non"),
        "views.v.preferences.us.utility.acces": at(16, "acces"),
    }


def test_code_and_file_give_the_same_case_and_the_same_messages() -> None:
    tree = yaml.load(catalog_text("elmira"), yaml.BaseLoader)  # noqa: S506 - builds texts only
    assert detente.Case.from_dict(tree).digest() == detente.load("elmira").digest()
    broken = yaml.load(TEXT, yaml.BaseLoader)  # noqa: S506 - builds texts only
    with pytest.raises(detente.CaseError) as from_code:
        detente.Case.from_dict(broken)
    with pytest.raises(detente.CaseError) as from_file:
        detente.Case.from_text(TEXT)
    told = [{(p.path, p.found, p.expected) for p in e.value.problems()} for e in (from_code, from_file)]
    assert told[0] == told[1]
    assert all(p.line is None for p in from_code.value.problems())


def test_yaml_words_stay_words() -> None:
    case = detente.Case.from_text(
        "detente: 1\nname: w\nparties: {a: }\noptions: {x: {party: a, levels: [no, on, off]}}\n"
        "status_quo: {x: on}\nas_of: 2019-01-29\n"
    )
    assert case.file.options["x"].levels == ("no", "on", "off")
    assert case.file.status_quo == {"x": "on"}
    assert str(case.file.as_of) == "2019-01-29"


@pytest.mark.parametrize("name", catalog_names())
def test_the_schema_accepts_the_catalog(name: str) -> None:
    schema = case_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(editor_tree(catalog_text(name)), schema)


def test_the_schema_refuses_what_the_loader_refuses() -> None:
    tree = editor_tree(catalog_text("chicken"))
    wrong = ((("parties", "row", "nam"), "x"), (("options", "row-move", "moves"), "sideways"), (("titel",), "x"))
    for path, value in wrong:
        bad = json.loads(json.dumps(tree))
        node = bad
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = value
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, case_schema())


def editor_tree(text: str) -> Any:
    """What an editor sees: YAML 1.2 core scalars."""

    class Core(yaml.SafeLoader):
        pass

    Core.yaml_implicit_resolvers = {
        first: [(tag, rule) for tag, rule in rules if tag.rsplit(":", 1)[1] in ("int", "float", "null")]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))
    return yaml.load(text, Core)  # noqa: S506 - a safe loader with fewer rules


def test_conditional_numbers_take_the_first_match_and_need_a_default() -> None:
    found = conditional_amount({"default": "0.03", "when": {"x == low": 0.2, "x": "0.1..0.3"}})
    assert [c.text for c, _ in found.when] == ["x == low", "x"]
    assert float(found.default.quantity.mean()) == 0.03
    with pytest.raises(Exception, match="default"):
        conditional_amount({"when": {"x": 1}})
    assert conditional_amount("4..8").when == ()
