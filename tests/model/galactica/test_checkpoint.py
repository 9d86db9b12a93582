"""Saving and loading: whole or not at all, and clear words about what is damaged, cut, foreign or mixed up."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import InputError, ModelError, StorageError
from model.galactica.checkpoint import WEIGHTS_NAME, load_galactica, save_checkpoint
from model.galactica.config import SIZES, opt_config
from model.galactica.galactica import Galactica
from model.galactica.markers import SPECIAL_TOKENS
from model.galactica.sampling import GenerationOptions
from model.galactica.titles import Title
from model.galactica.tokenizer import GalacticaTokenizer
from model.runtime import quiet_transformers
from tests.model.galactica.conftest import WORDS


@pytest.fixture
def copy(nano_folder: Path, tmp_path: Path) -> Path:
    """A checkpoint that a test may spoil."""
    return Path(shutil.copytree(nano_folder, tmp_path / "copy"))


def _model(seed: int = 0) -> tuple[Any, GalacticaTokenizer]:
    from transformers import OPTForCausalLM

    tokenizer = GalacticaTokenizer.train([WORDS], 400)
    torch.manual_seed(seed)
    return OPTForCausalLM(opt_config(SIZES["nano"], tokenizer.vocabulary)).eval(), tokenizer


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    model, tokenizer = _model()
    folder = save_checkpoint(
        tmp_path / "deep" / "run", model, tokenizer, dtype=torch.bfloat16, extra_files={"README.md": "a card"}
    )
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md", "config.json", WEIGHTS_NAME, "tokenizer.json", "tokenizer_config.json",
    ]  # fmt: skip
    assert sorted(folder.parent.iterdir()) == [folder]
    assert {tensor.dtype for tensor in load_file(folder / WEIGHTS_NAME).values()} == {torch.bfloat16}
    loaded = load_galactica(folder, dtype=torch.float32)
    assert (loaded.name, loaded.context_tokens) == ("run", 256)
    assert loaded.tokenizer.fingerprint == tokenizer.fingerprint
    ids = torch.tensor([tokenizer.encode(WORDS)[:50]])
    rounded = model.bfloat16().float()
    with torch.inference_mode():
        expected = rounded(ids).logits
    torch.testing.assert_close(loaded.network.scores(loaded.network.read(ids)[0]), expected, atol=1e-4, rtol=1e-4)
    with torch.inference_mode():
        torch.testing.assert_close(loaded.model(ids).logits, expected)


def test_transformers_reads_it_by_itself(nano_folder: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    with quiet_transformers():
        tokenizer = AutoTokenizer.from_pretrained(nano_folder, local_files_only=True)
        model = AutoModelForCausalLM.from_pretrained(nano_folder, local_files_only=True)
    ours = GalacticaTokenizer.load(nano_folder)
    assert tokenizer(WORDS.partition("[START_SMILES]")[0])["input_ids"] == ours.encode(WORDS.partition("[START_SM")[0])
    assert (tokenizer.pad_token_id, tokenizer.eos_token_id) == (ours.pad, ours.eos)
    assert type(model).__name__ == "OPTForCausalLM"


def test_names_of_a_compiled_model_are_plain(tmp_path: Path) -> None:
    model, tokenizer = _model()
    compiled = torch.compile(model, backend="eager")
    folder = save_checkpoint(tmp_path / "compiled", compiled, tokenizer)
    assert all(name.startswith("model.decoder.") for name in load_file(folder / WEIGHTS_NAME))
    assert load_galactica(folder).generate("x", max_new_tokens=2)


def test_a_checkpoint_is_replaced_at_once(tmp_path: Path) -> None:
    for seed in (0, 1):
        model, tokenizer = _model(seed)
        folder = save_checkpoint(tmp_path / "last", model, tokenizer, extra_files={f"{seed}.txt": b"x"})
    assert not (folder / "0.txt").exists()
    assert list(tmp_path.iterdir()) == [folder]
    saved = load_file(folder / WEIGHTS_NAME)["model.decoder.embed_tokens.weight"]
    torch.testing.assert_close(saved, model.model.decoder.embed_tokens.weight.data)


def test_an_interrupted_save_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, tokenizer = _model()
    folder = save_checkpoint(tmp_path / "last", model, tokenizer)
    before = (folder / WEIGHTS_NAME).read_bytes()

    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("model.galactica.checkpoint.sync_to_disk", full)
    with pytest.raises(StorageError, match="No space left"):
        save_checkpoint(folder, _model(1)[0], tokenizer)
    assert (folder / WEIGHTS_NAME).read_bytes() == before
    assert list(tmp_path.iterdir()) == [folder]


def test_a_kill_between_the_two_renames_loses_nothing(
    copy: Path, nano_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """The process is gone: nothing after it runs."""

    real = Path.rename

    def once(self: Path, target: Path) -> Path:
        if target == copy:
            raise Killed
        return real(self, target)

    monkeypatch.setattr(Path, "rename", once)
    model, tokenizer = _model()
    with pytest.raises(Killed):
        save_checkpoint(copy, model, tokenizer)
    monkeypatch.undo()
    assert not copy.exists()
    assert load_galactica(copy).generate("x") == load_galactica(nano_folder).generate("x")
    save_checkpoint(copy, model, tokenizer)
    assert list(copy.parent.iterdir()) == [copy]


def test_a_reader_that_comes_between_the_two_renames_stops_no_save(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, tokenizer = _model()
    folder = save_checkpoint(tmp_path / "model", model, tokenizer, extra_files={"which": "first"})
    rename, read = Path.rename, []

    def and_a_reader(path: Path, target: Path) -> Path:
        if target == folder and not path.name.endswith("-replaced") and not read:
            read.append(load_galactica(folder, lazy=True))
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", and_a_reader)
    save_checkpoint(folder, model, tokenizer, extra_files={"which": "second"})
    assert read
    assert (folder / "which").read_text() == "second"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_weights_that_are_no_numbers_are_not_saved(tmp_path: Path) -> None:
    model, tokenizer = _model()
    model.model.decoder.layers[1].fc1.weight.data[3, 3] = float("nan")
    with pytest.raises(ModelError, match=r"layers\.1\.fc1\.weight is not finite"):
        save_checkpoint(tmp_path / "bad", model, tokenizer)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["../card", "config.json", "", "a/b"])
def test_extra_files_stay_in_the_folder(tmp_path: Path, name: str) -> None:
    model, tokenizer = _model()
    with pytest.raises(InputError, match="cannot be a file"):
        save_checkpoint(tmp_path / "run", model, tokenizer, extra_files={name: "x"})


def test_a_tokenizer_that_is_too_large_is_not_saved(tmp_path: Path) -> None:
    model, _ = _model()
    large = GalacticaTokenizer.train([WORDS + "".join(map(chr, range(500, 900)))] * 2, 600)
    with pytest.raises(ModelError, match="tokens, the model"):
        save_checkpoint(tmp_path / "run", model, large)


def _edit_config(folder: Path, **changes: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))


def _cut(folder: Path) -> None:
    data = (folder / WEIGHTS_NAME).read_bytes()
    (folder / WEIGHTS_NAME).write_bytes(data[: len(data) // 2])


def _lack(folder: Path) -> None:
    weights = load_file(folder / WEIGHTS_NAME)
    del weights["model.decoder.layers.1.fc2.weight"]
    save_file(weights, folder / WEIGHTS_NAME)


def _pickle(folder: Path) -> None:
    (folder / WEIGHTS_NAME).unlink()
    torch.save({}, folder / "pytorch_model.bin")


def _other_tokenizer(folder: Path) -> None:
    GalacticaTokenizer.train([WORDS], 390).save(folder)


def _larger_tokenizer(folder: Path) -> None:
    larger = GalacticaTokenizer.train([WORDS + "".join(map(chr, range(500, 900)))] * 2, 600)
    _unnamed_tokenizer(folder, larger.backend.to_str())


def _unnamed_tokenizer(folder: Path, serialized: str) -> None:
    config = json.loads((folder / "config.json").read_text())
    del config["tokenizer_fingerprint"]
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer.json").write_text(serialized, encoding="utf-8")


def _far_token(folder: Path) -> None:
    told = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    told["model"]["vocab"]["a"] = 10**6
    _unnamed_tokenizer(folder, json.dumps(told))


def _huge_config(folder: Path) -> None:
    with (folder / "config.json").open("r+b") as file:
        file.truncate(65 * 2**20)


_DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "cut weights": (_cut, r"model\.safetensors: cannot be loaded"),
    "weights of noise": (lambda folder: (folder / WEIGHTS_NAME).write_bytes(b"\xff" * 999), "cannot be loaded"),
    "empty weights": (lambda folder: (folder / WEIGHTS_NAME).write_bytes(b""), "cannot be loaded"),
    "a missing weight": (_lack, r"lacks the weight layers\.1\.fc2"),
    "pickled weights": (_pickle, r"no \.safetensors"),
    "no configuration": (lambda folder: (folder / "config.json").unlink(), r"config\.json: missing"),
    "a broken configuration": (
        lambda folder: (folder / "config.json").write_text("{"),
        r"config\.json: cannot be read",
    ),
    "a bottomless configuration": (
        lambda folder: (folder / "config.json").write_text('{"a":' + "[" * 200_000),
        r"config\.json: cannot be read",
    ),
    "a huge configuration": (_huge_config, r"config\.json: larger than 64 MB"),
    "another architecture": (partial(_edit_config, model_type="llama"), "'llama' and not OPT"),
    "another width": (partial(_edit_config, hidden_size=128, word_embed_proj_dim=128), r"has shape \(\d+, 64\)"),
    "a giant": (partial(_edit_config, vocab_size=2**23), "has shape"),
    "no tokenizer": (lambda folder: (folder / "tokenizer.json").unlink(), r"tokenizer\.json: missing"),
    "a broken tokenizer": (lambda folder: (folder / "tokenizer.json").write_text("{}"), "is no tokenizer"),
    "another tokenizer": (_other_tokenizer, "not the one it was trained with"),
    "a larger tokenizer": (_larger_tokenizer, r"\d+ tokens for a model of \d+"),
    "a tokenizer with a token beyond the model": (_far_token, r"1000001 tokens for a model of \d+"),
}


@pytest.mark.parametrize("damage", list(_DAMAGE))
def test_damage_is_named(copy: Path, damage: str) -> None:
    spoil, told = _DAMAGE[damage]
    spoil(copy)
    with pytest.raises(ModelError, match=told) as caught:
        load_galactica(copy)
    assert caught.value.hint
    assert "models install" not in caught.value.hint


def test_a_lazy_model_is_checked_at_once_and_loaded_when_needed(copy: Path) -> None:
    lazy = load_galactica(copy, lazy=True)
    assert lazy.context_tokens == 256
    _cut(copy)
    with pytest.raises(ModelError, match="cannot be loaded"):
        lazy.generate("x")
    _edit_config(copy, model_type="bert")
    with pytest.raises(ModelError, match="not OPT"):
        load_galactica(copy, lazy=True)


def test_threads_load_once(nano_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import model.galactica.galactica as module

    loads: list[Path] = []
    real = module.load_tensors
    monkeypatch.setattr(module, "load_tensors", lambda folder, dtype: (loads.append(folder), real(folder, dtype))[1])
    lazy = load_galactica(nano_folder, lazy=True)
    texts: list[object] = []
    threads = [
        threading.Thread(target=lambda: texts.append(lazy.generate("Machines", max_new_tokens=8))) for _ in "1234"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1
    assert len(texts) == 4
    assert len(set(map(str, texts))) == 1


def _write_published(folder: Path) -> Path:
    """A checkpoint as Galactica is published: half precision, parts by an index, a vocabulary of 50,000 rows.

    Its tokenizer is laid out as there: a normalizer-free byte-level BPE whose special tokens have the published ids.
    """
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import OPTForCausalLM, PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(pattern="SPL1T-TH1S-Pl3A5E", behavior="removed"),
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.train_from_iterator(
        [WORDS],
        trainers.BpeTrainer(
            vocab_size=400,
            special_tokens=[AddedToken(token, special=True, normalized=False) for token in SPECIAL_TOKENS],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    tokenizer.enable_truncation(64)
    tokenizer.enable_padding(length=32)
    config = opt_config(SIZES["nano"], 50_000)
    config.enable_bias = config.layer_norm_elementwise_affine = True
    torch.manual_seed(3)
    with quiet_transformers():
        OPTForCausalLM(config).half().save_pretrained(folder, max_shard_size="4MB")
        PreTrainedTokenizerFast(tokenizer_object=tokenizer).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write_published(tmp_path_factory.mktemp("published"))


def _check_published(loaded: Galactica) -> None:
    assert (loaded.tokenizer.start_ref, loaded.tokenizer.end_ref, loaded.tokenizer.eos) == (4, 5, 2)
    long = WORDS.partition("[START_SMILES]")[0] * 2
    assert loaded.tokenizer.decode(loaded.tokenizer.encode(long)) == long
    ids = torch.tensor([loaded.tokenizer.encode(long)[:100]])
    with torch.inference_mode():
        expected = loaded.model(ids).logits
    torch.testing.assert_close(loaded.network.scores(loaded.network.read(ids)[0]), expected, atol=1e-3, rtol=1e-3)
    # Most of its rows have no token of this tokenizer: what they stand for is no text.
    written = loaded.generate("Machines translate", max_new_tokens=20, return_full_text=False)
    assert "".join(loaded.stream("Machines translate", GenerationOptions(max_new_tokens=20))) == written
    assert loaded.generate_reference("Machines translate", top=2, beams=4) is not None


def test_a_published_layout_is_loaded(published: Path) -> None:
    assert len(list(published.glob("*.safetensors"))) > 1
    _check_published(load_galactica(published, dtype=torch.float32))


class _Hub(BaseHTTPRequestHandler):
    """As much of the hub as a client asks: the files of one repository at one revision."""

    files: Path
    asked: list[str]
    commit = "0123456789abcdef0123456789abcdef01234567"

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        path = self.path.partition("?")[0]
        self.asked.append(path)
        if path == f"/api/models/facebook/galactica-test/tree/{self.commit}":
            listed = [
                {"type": "file", "path": e.name, "size": e.stat().st_size, "oid": e.name} for e in self.files.iterdir()
            ]
            self._send(json.dumps(listed).encode(), body)
        elif path.startswith("/api/models/facebook/galactica-test"):
            names = [each.name for each in self.files.iterdir()]
            answer = {
                "id": "facebook/galactica-test",
                "sha": self.commit,
                "siblings": [{"rfilename": n} for n in names],
            }
            self._send(json.dumps(answer).encode(), body)
        elif path.startswith(f"/facebook/galactica-test/resolve/{self.commit}/"):
            self._send((self.files / path.rpartition("/")[2]).read_bytes(), body)
        else:
            self.send_error(404)

    def _send(self, data: bytes, body: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Repo-Commit", self.commit)
        self.send_header("ETag", f'"{len(data)}-{hash(data) & 0xFFFFFF:x}"')
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def hub(published: Path, tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    """A hub on this machine that holds the published layout beside files that must never be fetched, and its log."""
    files = Path(shutil.copytree(published, tmp_path / "hub"))
    (files / "pytorch_model.bin").write_bytes(b"never")
    (files / "modeling_galactica.py").write_text("raise SystemExit")
    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Hub,), {"files": files, "asked": asked}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()
    thread.join()
    server.server_close()


_VISITOR = """
import json, sys, torch
from core.errors import ModelError
from model.galactica.checkpoint import load_galactica

def told(name, **options):
    try:
        loaded = load_galactica(name, dtype=torch.float32, **options)
        return [loaded.name, loaded.generate("Machines translate", max_new_tokens=5), "transformers" in sys.modules]
    except ModelError as error:
        return error.in_full

name = "facebook/galactica-test"
print(json.dumps([told(name), told("facebook/nowhere", download=True), told(name, download=True), told(name)]))
"""


def test_a_name_is_fetched_once_and_then_found_offline(
    hub: tuple[str, list[str]], published: Path, tmp_path: Path
) -> None:
    address, asked = hub
    variables = {"HF_ENDPOINT": address, "HF_HOME": str(tmp_path / "cache"), "HF_HUB_DISABLE_TELEMETRY": "1"}
    done = subprocess.run(
        [sys.executable, "-c", _VISITOR],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    not_yet, nowhere, fetched, again = json.loads(done.stdout)
    assert "galactica-test: cannot be fetched" in not_yet
    assert "download" in not_yet
    assert "nowhere: cannot be fetched" in nowhere
    expected = load_galactica(published, dtype=torch.float32).generate("Machines translate", max_new_tokens=5)
    assert fetched == again == ["facebook/galactica-test", expected, False]
    wanted = [path for path in asked if "/resolve/" in path]
    assert any(path.endswith(".safetensors") for path in wanted)
    assert not [path for path in wanted if path.endswith((".bin", ".py"))]


def test_a_model_without_safetensors_names_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.galactica.hub._fetch", lambda name, revision, download: tmp_path / str(revision))
    (tmp_path / "refs/pr/3").mkdir(parents=True)
    with pytest.raises(ModelError, match="without safetensors") as caught:
        load_galactica("facebook/opt-test@refs/pr/3")
    assert "facebook/opt-test@refs/pr/" in caught.value.hint


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_gpu_gives_the_same_text(nano_folder: Path) -> None:
    there, here = (load_galactica(nano_folder, dtype=torch.float32, device=name) for name in ("cuda", "cpu"))
    texts = ["Machines translate", "x"]
    assert there.generate(texts) == here.generate(texts)
    assert there.generate(texts, num_beams=3) == here.generate(texts, num_beams=3)
    assert there.generate_reference("x", titles=[Title("A title")])[0].id == 0


@pytest.mark.parametrize(
    "source", ["nowhere", "../up/and/away", "a b/c", "", "https://example.org/model", "a\0b", "x" * 5_000]
)
def test_what_is_neither_folder_nor_name(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError):
        load_galactica(source, download=True)
