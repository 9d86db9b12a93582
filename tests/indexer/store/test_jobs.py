"""Jobs: each state leads only where it may; the same on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session

from core.errors import InputError, JobCancelled, NotFound
from core.records import Job
from indexer.database import Database
from indexer.store import jobs, papers
from tests.builders import make_document, make_file


def create(database: Database, title: str = "x.pdf", **payload: str) -> int:
    """Queue a job; returns its id."""
    with database.session(write=True) as session:
        return jobs.create_job(session, "ingest", title, payload).id


def claim(database: Database, job_id: int, worker: str = "w1") -> Job | None:
    """Claim a job in a transaction of its own."""
    with database.session(write=True) as session:
        return jobs.claim_job(session, job_id, worker)


def ingest(database: Database, job_id: int) -> None:
    """What a worker does at the end: the paper and the job's end are one transaction."""
    with database.session(write=True) as session:
        paper = papers.add_paper(session, make_document(), make_file())
        jobs.finish_job(session, job_id, paper_id=paper.id)


def test_job_runs_from_queue_to_done(database: Database) -> None:
    job_id = create(database, "naïve 'x'.pdf", sha256="ab", name="it's\nx\x00")
    with database.session(write=True) as session:
        queued = jobs.get_job(session, job_id)
        claimed = jobs.claim_job(session, job_id, "w1")
        assert jobs.claim_job(session, job_id, "w2") is None
        assert jobs.report_progress(session, job_id, 3, 7, "Reading")
        running = jobs.get_job(session, job_id)
        paper = papers.add_paper(session, make_document(), make_file())
        jobs.finish_job(session, job_id, message="Added", paper_id=paper.id)
        done = jobs.get_job(session, job_id)
    assert (queued.state, queued.title, queued.attempts) == ("queued", "naïve 'x'.pdf", 0)
    assert queued.payload == {"sha256": "ab", "name": "it's\nx "}
    assert claimed is not None
    assert (claimed.state, claimed.attempts, claimed.worker) == ("running", 1, "w1")
    assert (running.done, running.total, running.message) == (3, 7, "Reading")
    assert (done.state, done.done, done.total, done.message, done.paper_id) == ("done", 7, 7, "Added", paper.id)
    assert done.finished
    assert done.created_at.tzinfo is not None
    assert done.updated_at > queued.updated_at


def test_removed_paper_leaves_its_job(database: Database) -> None:
    job_id = create(database)
    claim(database, job_id)
    with database.session(write=True) as session:
        paper = papers.add_paper(session, make_document(), make_file())
        jobs.finish_job(session, job_id, paper_id=paper.id)
        papers.remove_paper(session, paper.id)
        assert jobs.get_job(session, job_id).paper_id is None


def test_failed_job_says_why_and_can_be_retried(database: Database) -> None:
    job_id = create(database)
    claim(database, job_id)
    with database.session(write=True) as session:
        jobs.fail_job(session, job_id, message="x.pdf: encrypted", hint="qpdf --decrypt")
        failed = jobs.get_job(session, job_id)
        again = jobs.retry_job(session, job_id)
    assert (failed.state, failed.message, failed.hint) == ("failed", "x.pdf: encrypted", "qpdf --decrypt")
    assert (again.state, again.message, again.hint, again.attempts, again.worker) == ("queued", "", "", 0, "")


def test_cancelled_job_stops_and_keeps_nothing(database: Database) -> None:
    job_id = create(database)
    claim(database, job_id)
    with database.session(write=True) as session:
        assert jobs.cancel_job(session, job_id).state == "cancelled"
    with database.session(write=True) as session:
        assert not jobs.report_progress(session, job_id, 1, 2)
        jobs.fail_job(session, job_id, message="too late")
    with pytest.raises(JobCancelled):
        ingest(database, job_id)
    with database.session(write=True) as session:
        assert papers.count_papers(session) == 0
        assert jobs.get_job(session, job_id).state == "cancelled"
        assert jobs.claim_job(session, job_id, "w2") is None
        assert jobs.retry_job(session, job_id).state == "queued"
        assert jobs.cancel_job(session, job_id).state == "cancelled"


def test_finished_job_cannot_be_cancelled_nor_an_active_one_retried(database: Database) -> None:
    job_id = create(database)
    with database.session(write=True) as session:
        with pytest.raises(InputError, match=f"job {job_id} is queued"):
            jobs.retry_job(session, job_id)
        jobs.claim_job(session, job_id, "w1")
        jobs.finish_job(session, job_id)
        with pytest.raises(InputError, match=f"job {job_id} is done already"):
            jobs.cancel_job(session, job_id)


@pytest.mark.parametrize("act", [jobs.get_job, jobs.cancel_job, jobs.retry_job])
@pytest.mark.parametrize("job_id", [4711, 0, -1, 10**20])
def test_unknown_job_is_named(database: Database, act: Callable[[Session, int], Job], job_id: int) -> None:
    with database.session(write=True) as session, pytest.raises(NotFound, match=str(job_id)):
        act(session, job_id)


def test_jobs_are_listed_newest_first(database: Database) -> None:
    ids = [create(database, str(number)) for number in range(4)]
    claim(database, ids[1])
    with database.session() as session:
        assert [job.id for job in jobs.list_jobs(session)] == ids[::-1]
        assert [job.id for job in jobs.list_jobs(session, limit=2)] == [ids[3], ids[2]]
        assert [job.id for job in jobs.list_jobs(session, states=["running"])] == [ids[1]]
        assert jobs.list_jobs(session, states=[]) == []


def test_only_one_of_many_workers_claims_a_job(database: Database) -> None:
    ids = [create(database) for _ in range(5)]

    def grab(worker: str) -> list[int]:
        return [job_id for job_id in ids if claim(database, job_id, worker) is not None]

    with ThreadPoolExecutor(4) as pool:
        claimed = [job_id for found in pool.map(grab, "abcd") for job_id in found]
    assert sorted(claimed) == ids


def test_orphans_are_queued_again_until_their_attempts_are_spent(database: Database) -> None:
    killer, fine = create(database), create(database)
    claim(database, fine, "alive")
    asked: list[str] = []

    def is_alive(worker: str) -> bool:
        asked.append(worker)
        return worker == "alive"

    def orphaned() -> list[tuple[int, str]]:
        with database.session(write=True) as session:
            return [(job.id, job.state) for job in jobs.requeue_orphans(session, is_alive=is_alive, max_attempts=2)]

    claim(database, killer, "dead")
    assert orphaned() == [(killer, "queued")]
    claim(database, killer, "dead")
    assert orphaned() == [(killer, "failed")]
    assert orphaned() == []
    assert asked.count("dead") == 2
    with database.session() as session:
        failed = jobs.get_job(session, killer)
        assert jobs.get_job(session, fine).state == "running"
    assert "stopped unexpectedly 2 times" in failed.message
    assert failed.hint


def test_heartbeat_moves_only_the_workers_running_jobs(database: Database) -> None:
    mine, other = create(database), create(database)
    claim(database, mine, "w1")
    claim(database, other, "w2")
    with database.session(write=True) as session:
        before = {job.id: job.updated_at for job in jobs.list_jobs(session)}
        jobs.heartbeat(session, "w1")
        after = {job.id: job.updated_at for job in jobs.list_jobs(session)}
    assert after[mine] > before[mine]
    assert after[other] == before[other]


def test_clearing_keeps_the_newest_and_the_active(database: Database) -> None:
    ids = [create(database) for _ in range(5)]
    for job_id in ids[1:4]:
        claim(database, job_id)
        with database.session(write=True) as session:
            jobs.finish_job(session, job_id)
    with database.session(write=True) as session:
        jobs.clear_finished(session, keep=1)
        assert [job.id for job in jobs.list_jobs(session)] == [ids[4], ids[3], ids[0]]
        jobs.clear_finished(session, keep=0)
        assert [job.id for job in jobs.list_jobs(session)] == [ids[4], ids[0]]


def test_kept_hashes_are_those_of_all_jobs_that_are_not_done(database: Database) -> None:
    queued, running, done = (create(database, sha256=name) for name in ("q", "r", "d"))
    create(database, folder="without a file")
    for job_id in (running, done):
        claim(database, job_id)
    with database.session(write=True) as session:
        jobs.finish_job(session, done)
        assert jobs.kept_hashes(session) == {"q", "r"}
        jobs.fail_job(session, running, message="no")
        jobs.cancel_job(session, queued)
        assert jobs.kept_hashes(session) == {"q", "r"}


def test_any_number_of_jobs_can_be_asked_for(database: Database) -> None:
    job_id = create(database)
    with database.session() as session:
        assert [job.id for job in jobs.get_jobs(session, range(1, 70_000))] == [job_id]


def test_a_worker_that_ends_in_order_gives_its_jobs_back_without_an_attempt(database: Database) -> None:
    with database.session(write=True) as session:
        mine, other = (jobs.create_job(session, "ingest", name, {}) for name in ("mine", "other"))
        jobs.claim_job(session, mine.id, "a")
        jobs.claim_job(session, other.id, "b")
        jobs.release_jobs(session, "a")
        assert [(job.state, job.attempts) for job in jobs.get_jobs(session, [mine.id, other.id])] == [
            ("queued", 0),
            ("running", 1),
        ]
