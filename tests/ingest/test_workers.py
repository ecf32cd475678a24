"""Child processes: a task survives the death of a child once, and hangs or kills nobody but itself."""

import os
import queue
import signal
import time
from typing import Any

import psutil

from models.outcomes import Outcome
from pipeline.workers import Failure, Workers


def test_a_task_whose_child_was_killed_is_done_by_another_child() -> None:
    results: queue.SimpleQueue[Any] = queue.SimpleQueue()
    with Workers(1, 60) as workers:
        workers.submit(eval, "__import__('os').getpid()", results.put)
        child = results.get()
        workers.submit(time.sleep, 0.5, results.put)
        time.sleep(0.2)
        os.kill(child, signal.SIGKILL)

        assert results.get(timeout=60) is None


def test_children_do_not_hear_a_signal_to_the_whole_process_group_busy_or_idle() -> None:
    results: queue.SimpleQueue[Any] = queue.SimpleQueue()
    with Workers(2, 60) as workers:
        for task, given in (os.getenv, "HOME"), (time.sleep, 0.5):
            workers.submit(task, given, results.put)
        results.get()
        time.sleep(0.2)
        for process in psutil.Process().children(recursive=True):
            if "forkserver" in " ".join(process.cmdline()):  # not what other tests have started
                process.send_signal(signal.SIGTERM)

        assert results.get(timeout=60) is None
        workers.submit(len, "abc", results.put)
        assert results.get(timeout=60) == 3


def test_a_task_that_ends_its_child_each_time_fails_and_the_next_one_is_done() -> None:
    results: queue.SimpleQueue[Any] = queue.SimpleQueue()
    with Workers(1, 60) as workers:
        workers.submit(os._exit, 7, results.put)
        assert results.get(timeout=60) == Failure("its process died (exit code 7)")

        workers.submit(len, "abc", results.put)
        assert results.get(timeout=60) == 3


def test_a_task_that_takes_too_long_is_ended_alone() -> None:
    results: queue.SimpleQueue[Any] = queue.SimpleQueue()
    with Workers(2, 1) as workers:
        workers.submit(time.sleep, 60, results.put)
        assert results.get(timeout=30) == Failure("took longer than 1 s", is_timeout=True)


def test_a_child_has_the_model_of_languages_before_its_first_page() -> None:
    results: queue.SimpleQueue[Any] = queue.SimpleQueue()
    model = "__import__('sys').modules['pipeline.articles.language']._identifier"
    with Workers(1, 60) as workers:
        workers.submit(eval, f"{model}.cache_info().currsize", results.put)
        assert results.get(timeout=60) == 1


def test_what_is_extracted_to_warm_up_is_an_article_with_all_that_takes_tables_to_read() -> None:
    from pipeline import warm  # half a second, which only those who need it shall wait

    article = warm.ARTICLE
    assert (article.outcome, article.language, article.agencies) == (Outcome.LOADED, "vi", ("AFP",))
    assert article.published is not None
