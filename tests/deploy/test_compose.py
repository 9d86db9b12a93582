"""The compose file, the Dockerfile and what they say to Galacite, checked against the program itself."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from app.cli import cli
from app.settings import PREFIX, Settings, check_address, load_settings

ROOT = Path(__file__).resolve().parents[2]
OURS = ("migrate", "app", "worker")
LONG_RUNNING = ("postgres", "redis", "app", "worker")
ALL = (*LONG_RUNNING, "migrate")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    assert isinstance(loaded, dict)
    return loaded


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    found = compose["services"]
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def dockerfile() -> list[tuple[str, str]]:
    """Instructions and their arguments, continued lines joined."""
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    pairs = (line.split(maxsplit=1) for line in lines)
    return [(instruction, arguments) for instruction, arguments in pairs]


def galacite_names(environment: dict[str, str]) -> dict[str, str]:
    return {name: str(value) for name, value in environment.items() if name.startswith(PREFIX)}


def image_environment(dockerfile: list[tuple[str, str]]) -> dict[str, str]:
    """What the final stage sets."""
    last = max(index for index, (instruction, _) in enumerate(dockerfile) if instruction == "FROM")
    words = [
        word for instruction, arguments in dockerfile[last:] if instruction == "ENV" for word in shlex.split(arguments)
    ]
    return dict(word.split("=", 1) for word in words)


def test_services_are_the_five_known_ones(services: dict[str, Any]) -> None:
    assert sorted(services) == sorted(ALL)


@pytest.mark.parametrize("name", OURS)
def test_settings_of_a_service_are_accepted(
    name: str, services: dict[str, Any], dockerfile: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in [variable for variable in os.environ if variable.startswith(PREFIX)]:
        monkeypatch.delenv(variable)
    given = galacite_names(image_environment(dockerfile)) | galacite_names(services[name]["environment"])
    assert {variable.removeprefix(PREFIX).lower() for variable in given} <= set(Settings.model_fields)
    for variable, value in given.items():
        monkeypatch.setenv(variable, value)
    settings = load_settings()
    check_address(settings)
    assert settings.sqlalchemy_url.startswith("postgresql+psycopg://")
    assert settings.queue_url.startswith("redis://redis:")
    assert settings.worker == "external"
    assert settings.home == Path("/data")
    assert settings.models_folder == Path("/opt/galacite/models")


def test_services_name_each_other_by_their_names(services: dict[str, Any]) -> None:
    environment = services["worker"]["environment"]
    assert "@postgres:5432/" in environment["GALACITE_DATABASE_URL"]
    assert environment["GALACITE_QUEUE_URL"].startswith("redis://redis:6379")
    server = services["postgres"]["environment"]
    user, name = re.fullmatch(r".*://(\w+)@postgres:5432/(\w+)", environment["GALACITE_DATABASE_URL"]).groups()  # type: ignore[union-attr]
    assert (server["POSTGRES_USER"], server["POSTGRES_DB"]) == (user, name)


@pytest.mark.parametrize("name", OURS)
def test_command_is_one_of_the_command_line(name: str, services: dict[str, Any]) -> None:
    program, command_name, *options = services[name]["command"]
    assert program == "galacite"
    command = getattr(typer.main.get_command(cli), "commands")[command_name]  # noqa: B009  a group has them
    command.make_context(command_name, list(options))  # raises for an option that it does not know


def test_only_the_app_is_published_and_only_to_this_machine(services: dict[str, Any]) -> None:
    assert [name for name in services if "ports" in services[name]] == ["app"]
    assert services["app"]["ports"] == ["127.0.0.1:8501:8501"]
    assert services["app"]["environment"]["GALACITE_PORT"] == "8501"


def test_only_the_app_reaches_beyond_the_inner_network(compose: dict[str, Any]) -> None:
    assert compose["networks"]["inside"]["internal"] is True
    for name in ALL:
        expected = ["inside", "outside"] if name == "app" else ["inside"]
        assert compose["services"][name]["networks"] == expected


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_long_running_services_are_watched_and_restarted(name: str, services: dict[str, Any]) -> None:
    service = services[name]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", ["app", "worker"])
def test_health_checks_name_the_script_of_the_image(
    name: str, services: dict[str, Any], dockerfile: list[tuple[str, str]]
) -> None:
    copied = [arguments.split()[-1] for instruction, arguments in dockerfile if instruction == "COPY"]
    assert services[name]["healthcheck"]["test"] == ["CMD", "python", "/opt/galacite/health.py", name]
    assert "/opt/galacite/health.py" in copied


def test_start_up_waits_for_what_it_needs(services: dict[str, Any]) -> None:
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert services["migrate"]["restart"] == "no"
    for name in ("app", "worker"):
        assert services[name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"},
            "postgres": {"condition": "service_healthy"},
            "redis": {"condition": "service_healthy"},
        }


@pytest.mark.parametrize("name", ALL)
def test_services_have_no_more_rights_than_needed(name: str, services: dict[str, Any]) -> None:
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert service["pids_limit"] > 0


@pytest.mark.parametrize("name", ["postgres", "redis"])
def test_servers_do_not_start_as_root(name: str, services: dict[str, Any]) -> None:
    assert services[name]["user"] == name


def test_image_does_not_run_as_root(dockerfile: list[tuple[str, str]]) -> None:
    users = [arguments for instruction, arguments in dockerfile if instruction == "USER"]
    assert users == ["galacite"]
    assert "HEALTHCHECK" in dict(dockerfile)


def test_library_is_shared_and_every_volume_is_named(compose: dict[str, Any]) -> None:
    mounted = {name: service.get("volumes", []) for name, service in compose["services"].items()}
    assert mounted["app"] == mounted["worker"] == ["library:/data"]
    used = {volume.split(":")[0] for volumes in mounted.values() for volume in volumes}
    assert used == set(compose["volumes"])


def test_passwords_come_from_outside_and_are_required(services: dict[str, Any]) -> None:
    for service in services.values():
        for name, value in service.get("environment", {}).items():
            if "PASSWORD" in name:
                assert value.startswith("${POSTGRES_PASSWORD:?")
    assert ":@" not in (ROOT / "docker-compose.yml").read_text("utf-8")


def test_example_names_every_variable_and_holds_no_value() -> None:
    used = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text("utf-8")))
    lines = [
        line for line in (ROOT / ".env.example").read_text("utf-8").splitlines() if line and not line.startswith("#")
    ]
    assert {line.split("=")[0] for line in lines} == used
    assert all(line.endswith("=") for line in lines)
    assert ".env" in (ROOT / ".gitignore").read_text("utf-8").splitlines()


def test_build_context_holds_what_the_dockerfile_copies(dockerfile: list[tuple[str, str]]) -> None:
    ignore = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    let_in = {line.removeprefix("!") for line in ignore if line.startswith("!")}
    copied = {
        source.rstrip("/")
        for instruction, arguments in dockerfile
        if instruction == "COPY" and not arguments.startswith("--from")
        for source in arguments.split()[:-1]
    }
    assert "*" in ignore
    assert copied == let_in
    for source in copied:
        assert (ROOT / source).exists(), source


def test_image_holds_every_package(dockerfile: list[tuple[str, str]]) -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    copied = {arguments.split("/")[0] for instruction, arguments in dockerfile if instruction == "COPY"}
    assert set(packages) <= copied


def test_compose_accepts_the_file(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("docker compose is not installed")
    command = [
        docker,
        "compose",
        "--file",
        str(ROOT / "docker-compose.yml"),
        "--env-file",
        os.devnull,
        "config",
        "--quiet",
    ]
    given = {**os.environ, "POSTGRES_PASSWORD": "of the test"}
    accepted = subprocess.run(command, capture_output=True, text=True, env=given, check=False)
    assert accepted.returncode == 0, accepted.stderr
    without = {name: value for name, value in given.items() if name != "POSTGRES_PASSWORD"}
    refused = subprocess.run(command, capture_output=True, text=True, env=without, check=False)
    assert refused.returncode != 0
    assert "choose a password" in refused.stderr
