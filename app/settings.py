"""Everything that can be set, in one place: environment variables with the prefix ``GALACITE_`` and ``galacite.toml``.

Only entry points (command line, app, worker) call ``load_settings``; all other code receives its part as an argument.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from core.errors import SettingsError
from indexer.config import OcrConfig, ParserLimits, SearchConfig
from indexer.pdf.scans.tessdata import INSTALL_HINT, LANGUAGES, find_ocr
from model.catalogue import SHIPPED_CITATION_ENCODER, SHIPPED_CITATION_MODEL, shipped_weights
from model.config import EncoderConfig, GeneratorConfig

PREFIX = "GALACITE_"
CONFIG_NAME = "galacite.toml"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def default_home() -> Path:
    """The data folder when none is named: the platform's place for user data."""
    return Path(platformdirs.user_data_dir("galacite", appauthor=False))


class Settings(BaseSettings):
    """All settings; unknown ones are refused by ``load_settings``."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, env_ignore_empty=True)

    home: Path = Field(default_factory=default_home, description="data folder")
    database_url: str = Field(default="", description="SQLAlchemy URL; empty: SQLite in the data folder")
    queue_url: str = Field(default="", description="redis:// URL; empty: a queue in the data folder")
    worker: Literal["auto", "external"] = Field(
        default="auto", description="start a worker when needed, or leave it to others"
    )
    worker_threads: int = Field(default=2, ge=1, le=64, description="papers ingested at the same time")
    worker_idle_s: float = Field(
        default=600.0, gt=0, description="a worker started on demand stops after this long without work"
    )

    host: str = Field(default="127.0.0.1", description="address of the app")
    port: int = Field(default=8501, ge=1, le=65535, description="port of the app")
    allow_public: bool = Field(default=False, description="let the app listen beyond this machine; it has no login")

    max_file_mb: int = Field(default=200, ge=1, description="largest PDF taken")
    max_pages: int = Field(default=2_000, ge=1, description="longest PDF taken")
    parse_memory_mb: int = Field(default=1_024, ge=256, description="memory of one parsing process")
    parse_timeout_s: float = Field(
        default=120.0, gt=0, description="longest time for one PDF, and for recognising one page"
    )

    parser: Literal["galacite", "grobid"] = Field(
        default="galacite", description="what reads PDFs: the parser built in, or a GROBID server"
    )
    grobid_url: str = Field(default="http://127.0.0.1:8070", description="address of the GROBID server")

    ocr: Literal["auto", "off"] = Field(
        default="auto", description="recognise the text of scanned pages when Tesseract is installed, or never"
    )
    ocr_languages: str = Field(
        default="eng", pattern=f"^{LANGUAGES.pattern}$", description="languages of scanned pages, joined by +"
    )

    models: Path | None = Field(
        default=None, description="folder of installed models; empty: models/ in the data folder"
    )
    generator_url: str = Field(
        default="", description="OpenAI-compatible server that phrases answers; empty: SmolLM2, local"
    )
    generator_model: str = Field(default="", description="model name at that server")
    api_key: SecretStr = Field(default=SecretStr(""), description="key for that server; empty: none is sent")
    citation_model: str = Field(
        default=SHIPPED_CITATION_MODEL,
        description="language model that ranks works to cite: the shipped one, a folder, a name on the hub, or none",
    )
    threads: int = Field(default=0, ge=0, description="processor threads of the models; 0: all cores")
    data: Path | None = Field(default=None, description="benchmark corpora, for `galacite bench`")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then ``galacite.toml`` in the data folder."""
        home = Path(os.environ.get(f"{PREFIX}HOME") or default_home()).expanduser()
        toml = TomlConfigSettingsSource(settings_cls, toml_file=home / CONFIG_NAME)
        return init_settings, env_settings, toml

    def as_environment(self) -> dict[str, str]:
        """The variables that give another process these same settings, the key included: never log them."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        values["api_key"] = self.api_key.get_secret_value()
        return {f"{PREFIX}{name.upper()}": str(value) for name, value in values.items() if value is not None}

    def process_environment(self) -> dict[str, str]:
        """The environment for a process with these settings, without this process's own variables of Galacite."""
        others = {name: value for name, value in os.environ.items() if not name.upper().startswith(PREFIX)}
        return others | self.as_environment()

    def elsewhere(self, home: Path) -> Settings:
        """The same settings for a library of its own in another folder, with the models of this one."""
        return self.model_copy(
            update={"home": home, "models": self.models_folder, "database_url": "", "queue_url": "", "worker": "auto"}
        )

    @property
    def sqlalchemy_url(self) -> str:
        """The database to open."""
        return self.database_url or f"sqlite:///{self.home / 'galacite.sqlite'}"

    @property
    def models_folder(self) -> Path:
        """Where installed models lie."""
        return self.models or self.home / "models"

    @property
    def index_folder(self) -> Path:
        """Where the search indexes lie."""
        return self.home / "index"

    @property
    def files_folder(self) -> Path:
        """Where the stored PDFs lie."""
        return self.home / "files"

    @property
    def parser_limits(self) -> ParserLimits:
        """Limits of parsing one PDF."""
        return ParserLimits(
            max_file_bytes=self.max_file_mb * 2**20,
            max_pages=self.max_pages,
            max_memory_bytes=self.parse_memory_mb * 2**20,
            timeout_s=self.parse_timeout_s,
        )

    def find_ocr(self) -> OcrConfig | None:
        """How scanned pages are recognised on this machine; None when they are not. Looked up each time."""
        return find_ocr(self.ocr_languages) if self.ocr == "auto" else None

    def require_ocr(self) -> OcrConfig:
        """How scanned pages are recognised, asked for by name: whatever ``ocr`` says.

        Raises:
            SettingsError: The language data are not installed.
        """
        found = find_ocr(self.ocr_languages)
        if found is None:
            raise SettingsError(f"no language data for recognition ({self.ocr_languages})", hint=INSTALL_HINT)
        return found

    @property
    def search_config(self) -> SearchConfig:
        """How rankings are joined."""
        return SearchConfig()

    @property
    def encoder_config(self) -> EncoderConfig:
        """The text encoder."""
        return EncoderConfig(folder=self.models_folder / "all-minilm-l6-v2", threads=self.threads)

    @property
    def citation_model_source(self) -> Path | str | None:
        """The folder of the language model that ranks works to cite, or its name on the hub; None: switched off."""
        named = self.citation_model.strip()
        if named.lower() in ("", "none"):
            return None
        if named == SHIPPED_CITATION_MODEL:
            return shipped_weights(named)
        folder = Path(named).expanduser()
        return folder if _is_path(named) or folder.is_dir() else named

    @property
    def ranks_with_model(self) -> bool:
        """Whether the language model ranks works unless told otherwise.

        One that was named does. The shipped one is small, and changes too little to be waited for.
        """
        return self.citation_model.strip() != SHIPPED_CITATION_MODEL

    @property
    def citation_encoder_folder(self) -> Path:
        """The layers that tune the text encoder to match places with works; they may be absent."""
        return shipped_weights(SHIPPED_CITATION_ENCODER)

    @property
    def generator_config(self) -> GeneratorConfig:
        """The local generator."""
        return GeneratorConfig(folder=self.models_folder / "smollm2-135m-instruct", threads=self.threads)


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Args:
        environment: Searched for unknown names; the process environment by default.

    Raises:
        SettingsError: A name is unknown (the nearest one is offered), or a value does not fit.
    """
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    for name in environment if environment is not None else os.environ:
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), known, n=1)
            raise SettingsError(
                f"unknown setting {name}",
                hint=f"Did you mean {near[0]}?" if near else f"Known settings: {', '.join(sorted(known))}",
            )
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"setting {name}: {first['msg']}", hint=f"Correct {PREFIX}{name.upper()} or {CONFIG_NAME}."
        ) from error
    except ValueError as error:
        raise SettingsError(f"{CONFIG_NAME} cannot be read: {error}", hint="Correct or remove the file.") from error
    return _made_absolute(settings)


def _made_absolute(settings: Settings) -> Settings:
    """Paths keep their meaning in the worker, whatever folder it runs in."""
    return settings.model_copy(
        update={
            "home": settings.home.expanduser().absolute(),
            "models": settings.models.expanduser().absolute() if settings.models else None,
            "data": settings.data.expanduser().absolute() if settings.data else None,
            "citation_model": _absolute_model(settings),
        }
    )


def _absolute_model(settings: Settings) -> str:
    source = settings.citation_model_source
    shipped = settings.citation_model.strip() == SHIPPED_CITATION_MODEL
    return str(source.absolute()) if isinstance(source, Path) and not shipped else settings.citation_model or "none"


def _is_path(name: str) -> bool:
    """Whether a name can only be that of a folder: names on the hub are ``owner/name``."""
    return name.startswith((".", "~", "/")) or Path(name).is_absolute() or name.count("/") > 1 or "\\" in name


def check_address(settings: Settings) -> None:
    """Refuse to serve an app without login to the network unless told so.

    Raises:
        SettingsError: The host is not this machine and ``allow_public`` is off.
    """
    if settings.host not in LOOPBACK and not settings.allow_public:
        raise SettingsError(
            f"the app has no login and would listen on {settings.host}",
            hint=f"Use 127.0.0.1, or set {PREFIX}ALLOW_PUBLIC=1 behind a proxy that asks for a login.",
        )
