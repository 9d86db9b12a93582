from __future__ import annotations

import numpy as np

from tests.training.evaluate.papers import make_place
from training.contexts import CitedWork
from training.evaluate.profiles import described, profile
from training.evaluate.questions import Learned


def test_a_profile_takes_turns_among_papers() -> None:
    places = [make_place(f"Text {number} of the first", paper="one") for number in range(3)]
    places.append(make_place("Text of the second", paper="two"))
    assert profile(places, sentences=3) == ["Text 0 of the first", "Text of the second", "Text 1 of the first"]


def test_a_profile_repeats_nothing() -> None:
    assert profile([make_place("Same", paper=paper) for paper in "abc"]) == ["Same"]
    assert profile([]) == []


def test_a_profile_holds_the_citing_sentence_alone() -> None:
    (text,) = profile([make_place("Before it. Nets learn well", "by example. After it.")])
    assert text == "Nets learn well by example."


def test_a_candidate_is_its_title_its_abstract_and_its_profile() -> None:
    work = CitedWork(key="deepnets", title="Deep Nets", surname="Byron")
    learned = Learned(
        papers=1,
        places=1,
        counts=np.array([1]),
        contexts={"deepnets": (make_place("Nets learn"),)},
        abstracts={"deepnets": "How nets learn"},
    )
    assert described(work, learned) == "Deep Nets. How nets learn. Nets learn"
    unknown = CitedWork(key="other", title="Other", surname="")
    assert described(unknown, learned) == "Other"
