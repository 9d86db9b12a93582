from indexer.pdf.dingbats import without_dingbats


def test_letters_named_after_their_code() -> None:
    assert without_dingbats("P❡♥❛❧✐③❡❞ ❧❡❛st sq✉❛r❡s") == "Penalized least squares"
    assert without_dingbats("✜tt✐♥❣") == "fitting"


def test_plain_text_is_left_alone() -> None:
    assert without_dingbats("Plain text, naïve or not") == "Plain text, naïve or not"
