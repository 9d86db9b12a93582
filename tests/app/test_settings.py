from pathlib import Path

import pytest

from app.settings import Settings, check_address, default_home, load_settings
from core.errors import SettingsError
from model.catalogue import shipped_weights


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GALACITE_HOME", str(tmp_path))


def test_an_unknown_setting_is_refused_and_the_nearest_one_offered() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({"GALACITE_PROT": "8000"})
    assert "GALACITE_PROT" in caught.value.message
    assert "GALACITE_PORT" in caught.value.hint


def test_a_value_that_does_not_fit_names_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALACITE_PORT", "70000")
    with pytest.raises(SettingsError, match="port"):
        load_settings()


def test_the_file_in_the_data_folder_is_read_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "galacite.toml").write_text("port = 8600\nmax_pages = 10\n")
    monkeypatch.setenv("GALACITE_PORT", "8700")
    settings = load_settings()
    assert (settings.port, settings.max_pages) == (8700, 10)


@pytest.mark.parametrize("text", ["port = [", "unknown_thing = 1"])
def test_a_broken_file_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "galacite.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "galacite.toml" in caught.value.message + caught.value.hint


def test_a_public_address_needs_leave() -> None:
    check_address(Settings(host="127.0.0.1"))
    check_address(Settings(host="0.0.0.0", allow_public=True))  # noqa: S104
    with pytest.raises(SettingsError, match="no login"):
        check_address(Settings(host="0.0.0.0"))  # noqa: S104


def test_the_environment_of_settings_gives_the_same_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = load_settings().model_copy(update={"port": 8700, "models": tmp_path / "m", "allow_public": True})
    for name, value in settings.as_environment().items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


def test_the_key_is_a_setting_that_is_handed_on_but_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALACITE_API_KEY", "secret-value")
    settings = load_settings()
    assert "secret-value" not in repr(settings)
    assert settings.process_environment()["GALACITE_API_KEY"] == "secret-value"


def test_a_library_elsewhere_inherits_no_database_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GALACITE_DATABASE_URL", "postgresql://me@example.org/mine")
    monkeypatch.setenv("GALACITE_QUEUE_URL", "redis://example.org")
    monkeypatch.setenv("GALACITE_WORKER", "external")
    environment = load_settings().elsewhere(tmp_path / "other").process_environment()
    assert (environment["GALACITE_DATABASE_URL"], environment["GALACITE_QUEUE_URL"]) == ("", "")
    assert (environment["GALACITE_WORKER"], environment["GALACITE_HOME"]) == ("auto", str(tmp_path / "other"))
    assert "PATH" in environment


def test_an_empty_variable_sets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALACITE_HOME", "")
    assert load_settings().home == default_home()


@pytest.mark.parametrize("named", ["none", "None", " none "])
def test_the_citation_model_can_be_switched_off(monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.setenv("GALACITE_CITATION_MODEL", named)
    assert load_settings().citation_model_source is None


def test_an_empty_name_in_the_file_switches_the_citation_model_off_for_the_worker_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "galacite.toml").write_text('citation_model = ""\n')
    settings = load_settings()
    assert settings.citation_model_source is None
    assert settings.as_environment()["GALACITE_CITATION_MODEL"] == "none"


def test_the_citation_model_is_the_shipped_one_a_folder_or_a_name_on_the_hub(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert load_settings().citation_model_source == shipped_weights("galacite-mini")
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    for named, source in {
        "mine": tmp_path / "mine",
        "./gone": tmp_path / "gone",
        "/srv/models/opt": Path("/srv/models/opt"),
        "facebook/galactica-125m": "facebook/galactica-125m",
    }.items():
        monkeypatch.setenv("GALACITE_CITATION_MODEL", named)
        settings = load_settings()
        assert settings.citation_model_source == source
        monkeypatch.setenv("GALACITE_CITATION_MODEL", settings.as_environment()["GALACITE_CITATION_MODEL"])
        monkeypatch.chdir("/")
        assert load_settings().citation_model_source == source  # as the worker has it, wherever it runs
        monkeypatch.chdir(tmp_path)


def test_a_language_model_that_was_named_ranks_unless_told_otherwise(settings: Settings) -> None:
    named = settings.model_copy(update={"citation_model": "facebook/galactica-125m"})
    shipped = settings.model_copy(update={"citation_model": "galacite-mini"})
    assert (named.ranks_with_model, shipped.ranks_with_model) == (True, False)
