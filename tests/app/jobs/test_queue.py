import pickle
from pathlib import Path

import pytest

from app.jobs.queue import HueyQueue, JsonSerializer
from app.settings import Settings


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
