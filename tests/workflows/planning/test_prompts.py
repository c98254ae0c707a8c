"""Which prompts a mix of offences chooses."""

from __future__ import annotations

from pathlib import Path

from geo_service.model.prompts import PromptKind
from geo_service.registry.prompts import read_prompts
from geo_service.workflows.planning.prompts import prompts_for

SHIPPED = read_prompts(Path(__file__).parents[3] / "data" / "prompts.toml")
OF = {kind.id: kind.prompts for kind in SHIPPED}
KINDS = (
    PromptKind("robbery", ("robbery",), ("r1", "r2", "r3")),
    PromptKind("theft", ("theft",), ("t1", "t2")),
    PromptKind("assault", ("assault",), ("a1",)),
    PromptKind("any", (), ("x1", "x2", "x3", "x4")),
)


def test_the_commonest_kinds_speak_first_and_then_again() -> None:
    assert prompts_for([("Theft", 9), ("Robbery of a person", 4)], KINDS) == ("t1", "r1", "t2")
    assert prompts_for([("Robbery", 9)], KINDS) == ("r1", "r2", "r3")
    assert prompts_for([("Robbery", 3), ("Theft", 4), ("Assault", 5)], KINDS) == ("a1", "t1", "r1")


def test_offences_of_one_kind_count_together() -> None:
    assert prompts_for([("Robbery, a", 2), ("Robbery, b", 2), ("Theft", 3)], KINDS)[0] == "r1"


def test_no_prompt_tells_of_a_rare_or_a_hidden_offence() -> None:
    hidden = [("Robbery", 2), ("Sexual assault on a female aged 13 and over", 7)]
    assert prompts_for(hidden, KINDS) == ("x1", "x2", "x3")
    assert prompts_for([("Theft", 3), *hidden], KINDS) == prompts_for([("Theft", 3)], KINDS)
    assert prompts_for([], KINDS) == ("x1", "x2", "x3")
    assert prompts_for([], ()) == ()


def test_the_shipped_kinds_know_the_words_of_both_sources() -> None:
    for offence, kind in {
        "Violence and sexual offences": "violence",
        "Burglary residential, dwelling": "burglary-home",
        "Burglary": "burglary",
        "Vehicle crime": "vehicle",
        "Theft of a motor vehicle": "vehicle",
        "Bicycle theft": "cycle",
        "Theft from the person": "theft-from-the-person",
        "Criminal damage and arson": "arson-and-damage",
        "Public order": "public-order",
        "Possession of weapons": "weapons",
        "Anti-social behaviour": "antisocial-behaviour",
        "Shoplifting": "theft",
        "Drugs": "drugs",
        "Other crime": "any",
    }.items():
        assert prompts_for([(offence, 5)], SHIPPED) == OF[kind][:3]
