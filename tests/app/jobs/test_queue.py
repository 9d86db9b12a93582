import pickle
from pathlib import Path

import pytest

from app.jobs.queue import HueyQueue, JsonSerializer
from app.settings import Settings
from core.errors import JobError, SettingsError


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def test_a_job_id_put_in_comes_out_at_the_worker(settings: Settings) -> None:
    seen: list[int] = []
    asker, worker = HueyQueue(settings), HueyQueue(settings, run=seen.append)
    asker.enqueue(7)
    assert worker.pending() == 1
    worker.huey.execute(worker.huey.dequeue())
    assert seen == [7]
    asker.close()
    worker.close()


def test_clear_drops_all_deliveries(settings: Settings) -> None:
    queue = HueyQueue(settings)
    queue.enqueue(1)
    queue.enqueue(2)
    queue.clear()
    assert queue.pending() == 0
    queue.close()


class _Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("trap-was-sprung"),))  # type: ignore[return-value]


def test_a_pickle_in_the_queue_is_never_loaded() -> None:
    with pytest.raises(UnicodeDecodeError):
        JsonSerializer().deserialize(pickle.dumps(_Trap()))
    assert not Path("trap-was-sprung").exists()


@pytest.mark.parametrize("data", [b'{"message": {"name": "other"}}', b'{"message": {}}'])
def test_a_message_that_is_not_ours_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a message"):
        JsonSerializer().deserialize(data)


def test_a_damaged_queue_is_begun_anew(settings: Settings) -> None:
    (settings.home / "queue.sqlite").write_bytes(b"\x93\x01" * 8_192)
    queue = HueyQueue(settings)
    queue.enqueue(3)
    assert queue.pending() == 1
    queue.close()


def test_a_queue_address_that_cannot_be_used_is_a_setting_to_correct(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        HueyQueue(Settings(home=tmp_path, queue_url="garbage"))
    assert "GALACITE_QUEUE_URL" in caught.value.hint


def test_a_queue_that_cannot_be_reached_is_said_so(tmp_path: Path) -> None:
    queue = HueyQueue(Settings(home=tmp_path, queue_url="redis://127.0.0.1:1/0"))
    with pytest.raises(JobError, match="queue"):
        queue.enqueue(1)
    queue.close()
