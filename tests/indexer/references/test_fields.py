from __future__ import annotations

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


def test_long_junk_is_quick() -> None:
    assert read("Aa, " * 3_000).authors is not None
    assert read("Aa Bb " * 3_000).raw
    assert read("A. " * 5_000).raw


@pytest.mark.parametrize(
    ("raw", "label", "body"),
    [
        ("[12] Doe", "12", "Doe"),
        ("12. Doe", "12", "Doe"),
        ("[Knu84] Doe", "Knu84", "Doe"),
        ("(3) Doe", "", "Doe"),
        ("Doe", "", "Doe"),
    ],
)
def test_labels(raw: str, label: str, body: str) -> None:
    assert strip_label(raw, label) == body
