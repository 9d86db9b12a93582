from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from core.records import Author, Reference
from indexer.references.fields import parse_reference, strip_label


def read(raw: str, *, links: Sequence[str] = (), before: Sequence[Author] = ()) -> Reference:
    return parse_reference(raw, index=0, links=links, before=before)


def families(reference: Reference) -> list[str]:
    return [author.family for author in reference.authors]


@pytest.mark.parametrize(
    ("raw", "names", "title", "year", "venue"),
    [
        (
            "Casadevall, A., Ellis, L. M., & McFall-Ngai, M. (2016). A framework for rigor. mBio, 7(4), e01256.",
            ["Casadevall", "Ellis", "McFall-Ngai"],
            "A framework for rigor",
            2016,
            "mBio",
        ),
        (
            (
                "[8] N. Cressie and G. Johannesson, “Fixed rank kriging for very large data sets,” Journal of the "
                "Royal Statistical Society, vol. 70, no. 1, pp. 209–226, 2008."
            ),
            ["Cressie", "Johannesson"],
            "Fixed rank kriging for very large data sets",
            2008,
            "Journal of the Royal Statistical Society",
        ),
        (
            (
                "[17] R. Pope, S. Douglas, J. Heek, Efficiently scaling transformer inference, Proceedings of Machine "
                "Learning and Systems 5 (2023)."
            ),
            ["Pope", "Douglas", "Heek"],
            "Efficiently scaling transformer inference",
            2023,
            "Proceedings of Machine Learning and Systems",
        ),
        (
            (
                "Jeremy Bernstein, Yu-Xiang Wang, and Anima Anandkumar. Compressed optimisation for non-convex "
                "problems. In International Conference on Machine Learning, pages 560–569, 2018."
            ),
            ["Bernstein", "Wang", "Anandkumar"],
            "Compressed optimisation for non-convex problems",
            2018,
            "International Conference on Machine Learning",
        ),
        (
            (
                "[48] Ernest Turro, Shu-Yi Su, and Alex Lewin. 2011. Haplotype and isoform specific expression. Genome "
                "Biology 12, 2 (2011), R13."
            ),
            ["Turro", "Su", "Lewin"],
            "Haplotype and isoform specific expression",
            2011,
            "Genome Biology",
        ),
        (
            (
                "[31] Stein, M. L., Chen, J. & Anitescu, M. Stochastic approximation of score functions. Annals of "
                "Applied Statistics 7, 1162–1191 (2013)."
            ),
            ["Stein", "Chen", "Anitescu"],
            "Stochastic approximation of score functions",
            2013,
            "Annals of Applied Statistics",
        ),
        (
            "2. Smith JA, van der Berg M. Reading references. J Doc. 2010;12(3):4-9.",
            ["Smith", "van der Berg"],
            "Reading references",
            2010,
            "J Doc",
        ),
        (
            "4. Dai, Z., Yang, Z.: Attentive models beyond a fixed length. In: ACL. pp. 2978–2988 (2019)",
            ["Dai", "Yang"],
            "Attentive models beyond a fixed length",
            2019,
            "ACL",
        ),
        (
            (
                "Matsuo, T., Nychka, D. W. & Paul, D. (2009), ‘Nonstationary modeling: an EM approach’, Computational "
                "Statistics pp. 1–25."
            ),
            ["Matsuo", "Nychka", "Paul"],
            "Nonstationary modeling: an EM approach",
            2009,
            "Computational Statistics",
        ),
        (
            "R Core Team. (2018). R: A language and environment for statistical computing. Vienna, Austria.",
            ["R Core Team"],
            "R: A language and environment for statistical computing",
            2018,
            "",
        ),
    ],
)
def test_styles(raw: str, names: list[str], title: str, year: int, venue: str) -> None:
    reference = read(raw)
    assert families(reference) == names
    assert reference.title == title
    assert reference.year == year
    assert reference.venue == venue


@pytest.mark.parametrize(
    ("raw", "names", "title", "year"),
    [
        ("Doe J, Roe A. Reading lists. J Doc 2001; 12: 34-9.", ["Doe", "Roe"], "Reading lists", 2001),
        ("Doe, J. (n.d.). Reading lists of names. Test Press.", ["Doe"], "Reading lists of names", None),
        ("Doe, J. (2006c). Reading lists of names. Test Press.", ["Doe"], "Reading lists of names", 2006),
        (
            "Jane Doe, Carl van der Roe, and Eve Poe. Reading lists of names. In NeurIPS, 2020.",
            ["Doe", "van der Roe", "Poe"],
            "Reading lists of names",
            2020,
        ),
        (
            "ATLAS Collaboration, Measurement of the top-quark mass, Phys. Lett. B 716 (2012) 1, arXiv:1207.0319.",
            ["ATLAS Collaboration"],
            "Measurement of the top-quark mass",
            2012,
        ),
    ],
)
def test_more_styles(raw: str, names: list[str], title: str, year: int | None) -> None:
    reference = read(raw)
    assert families(reference) == names
    assert reference.title == title
    assert reference.year == year


def test_a_style_without_titles_has_none() -> None:
    reference = read("J. Doe and B. Roe, Phys. Rev. B 12, 345 (1999).")
    assert (reference.title, reference.venue, reference.volume, reference.pages) == ("", "Phys. Rev. B", "12", "345")


def test_the_year_may_stand_in_the_name_of_a_meeting_but_not_in_a_date_of_access() -> None:
    assert read("J. Doe and B. Roe. Reading lists of names. In Proceedings of ACL 2019, pages 3-9.").year == 2019
    assert read("Doe, J. Reading lists of names. https://example.org/lists. Accessed 3 May 2019.").year is None


def test_publisher() -> None:
    reference = read("Doe, J. (1999). The reading of lists. Cambridge: Cambridge University Press.")
    assert reference.publisher == "Cambridge University Press"
    assert reference.title == "The reading of lists"


def test_a_book_of_a_publisher_has_a_title_whatever_its_volume() -> None:
    reference = read("D. E. Doe, The Art of Reading Lists, vol. 3, 2nd ed. Reading, MA, USA: Addison-Wesley, 1998.")
    assert (reference.title, reference.publisher, reference.year) == (
        "The Art of Reading Lists",
        "Addison-Wesley",
        1998,
    )


def test_archives_are_no_part_of_a_title() -> None:
    reference = read("Doe, J. (2022). Shapes of lists. Zenodo. https://doi.org/10.5281/zenodo.742")
    assert reference.title == "Shapes of lists"


def test_a_name_of_software_is_a_title() -> None:
    assert read("Doe, A. (2021). SymBeam. https://example.org/symbeam/; Accessed on 2021-04-07.").title == "SymBeam"


def test_what_an_organisation_made_is_a_title() -> None:
    reference = read("NVIDIA, Fastreader, 2019.")
    assert (families(reference), reference.title, reference.year) == (["NVIDIA"], "Fastreader", 2019)


def test_a_year_at_the_beginning_is_no_label() -> None:
    reference = read("2023. Good practice in reading references to books.")
    assert (reference.title, reference.year) == ("Good practice in reading references to books", 2023)


def test_a_title_alone_is_a_title() -> None:
    assert read("The art of computer programming.").title == "The art of computer programming"


def test_volume_and_pages() -> None:
    reference = read("Knuth, D. E. (1984). Literate programming. The Computer Journal, 27(2), 97-111.")
    assert (reference.volume, reference.pages) == ("27", "97–111")


def test_identifiers_in_print() -> None:
    reference = read(
        "Taylor, R. (2022). Galactica. arXiv preprint arXiv:2211.09085v2. https://doi.org/10.48550/arXiv.2211.09085."
    )
    assert reference.arxiv_id == "2211.09085"
    assert reference.doi == "10.48550/arxiv.2211.09085"
    assert reference.title == "Galactica"


def test_a_link_completes_a_doi_that_the_print_breaks() -> None:
    reference = read("Doe, J. (2020). On breaks. doi:10.1000/abc", links=["https://doi.org/10.1000/abc.def"])
    assert reference.doi == "10.1000/abc.def"


def test_dashes_repeat_the_authors() -> None:
    before = (Author(family="Stein", given="M. L."),)
    reference = read("———. Interpolation of spatial data. Springer, 1999.", before=before)
    assert reference.authors == before
    assert reference.title == "Interpolation of spatial data"


@pytest.mark.parametrize("raw", ["", ".", "[1]", "[1] ???", "(((((", "1999", "https://example.org/a(b)", "“"])
def test_scraps_give_empty_fields_not_errors(raw: str) -> None:
    assert read(raw).raw == raw


@pytest.mark.parametrize("piece", ["Aa, ", "Aa Bb ", "A. ", "(", "1999 ", "10.1000/", "https://", "“", ". ", "&"])
def test_long_junk_is_quick(piece: str) -> None:
    started = time.perf_counter()
    assert read(piece * (100_000 // len(piece))).raw
    assert time.perf_counter() - started < 3


@pytest.mark.parametrize(
    ("raw", "label", "body"),
    [
        ("[12] Doe", "12", "Doe"),
        ("12. Doe", "12", "Doe"),
        ("[Knu84] Doe", "Knu84", "Doe"),
        ("(3) Doe", "", "Doe"),
        ("1203. Doe", "", "Doe"),
        ("1999. Doe", "", "1999. Doe"),
        ("Doe", "", "Doe"),
    ],
)
def test_labels(raw: str, label: str, body: str) -> None:
    assert strip_label(raw, label) == body


def test_what_stands_in_brackets_for_a_year_or_an_identifier_is_no_label() -> None:
    assert strip_label("[n. d.]. How latency affects engagement.") == "[n. d.]. How latency affects engagement."
    assert strip_label("[2304.03442] Generative Agents.") == "[2304.03442] Generative Agents."
    assert strip_label("[12] Generative Agents.") == strip_label("[Par+23] Generative Agents.") == "Generative Agents."


def test_signs_that_standards_put_around_titles_are_no_part_of_them() -> None:
    gost = parse_reference("Berg A. van der. Internal waves // Ocean Letters. 2016. Vol. 14. P. 7–31.", index=0)
    assert (gost.title, gost.venue, gost.authors[0].family) == ("Internal waves", "Ocean Letters", "van der Berg")
    kind = parse_reference(
        "Taylor R, Kardas M. Galactica: A model for science[EB/OL]. arXiv:2211.09085, 2022.", index=0
    )
    assert kind.title == "Galactica: A model for science"
