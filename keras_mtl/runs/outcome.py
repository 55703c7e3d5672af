"""What is left of a run when training is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keras_mtl.callbacks import FlatnessProbe, StopOnSignal
from keras_mtl.runs.atomic import replacing, write_json
from keras_mtl.runs.checkpoint import Checkpoint
from keras_mtl.runs.flatness_file import write_flatness
from keras_mtl.runs.manifest import collective, now, peak_memory
from keras_mtl.runs.metric_definitions import Definitions, metric_definitions
from keras_mtl.runs.reporting import say
from keras_mtl.runs.results import by_task, epoch_result

if TYPE_CHECKING:
    from keras_mtl.runs.session import Session


def finish(session: Session) -> dict[str, Any]:
    """Tests the best or last weights; writes the metrics and the model.

    Args:
        session: A session that has trained.

    Returns:
        The content of `metrics.json`.

    Raises:
        DataError: If the best checkpoint is damaged, or the disk is full.
        KeyboardInterrupt: If a signal came.
    """
    trainer, run, tasks = session.trainer, session.run, session.trainer.tasks
    best = session.checkpoints.best() if session.monitor else None
    evaluated = _chosen(session)
    test = _test(session)
    tested = by_task(test, tasks) if test else {}
    further = _further(session)
    for task, measured in further.items():
        tested.setdefault(task, {}).update(measured)
    rows = run.history
    metrics = {
        "last": epoch_result(rows[-1], tasks),
        "best": None if best is None else _result(best, tasks),
        "test": tested,
        "test_loss": test.get("loss"),
        "evaluated": evaluated,
        "monitor": session.monitor,
    }
    with replacing(run.model_path) as temporary:
        trainer.model.save(temporary)
    write_json(run.metrics_path, metrics)
    _write_flatness(session)
    run.update(
        status="finished",
        finished=now(),
        seconds=round(sum(row["seconds"] for row in rows), 3),
        peak_memory_bytes=peak_memory(),
        metric_definitions=_definitions(session, further),
        **collective(trainer),
    )
    return metrics


def _chosen(session: Session) -> str:
    """Puts the weights to be tested into the trainer."""
    if session.options.evaluate == "last" or session.monitor is None:
        return "last"
    if not session.run.best_weights.exists():
        say(
            f"{session.monitor!r} was never a number, so no epoch is best; "
            "the last weights are tested."
        )
        return "last"
    session.checkpoints.load_best(session.trainer)
    return "best"


def _test(session: Session) -> dict[str, float]:
    if session.data.test is None:
        return {}
    scores = session.trainer.evaluate(
        session.data.test.dataset(),
        callbacks=[StopOnSignal(session.signals.received)],
        return_dict=True,
        verbose=0,
    )
    return {key: float(value) for key, value in scores.items()}


def _further(session: Session) -> dict[str, dict[str, float]]:
    """What the pipeline measures on the test split."""
    pipeline, data = session.options.pipeline, session.data
    if pipeline is None:
        return {}
    state = pipeline.fit(data)
    session.run.update(pipeline=state)
    if data.test is None:
        return {}
    measured: dict[str, dict[str, float]] = pipeline.measure(
        session.trainer.model, data.test, state
    )
    return measured


def _write_flatness(session: Session) -> None:
    for callback in session.options.callbacks:
        if isinstance(callback, FlatnessProbe) and callback.result:
            write_flatness(session.run.path, callback.result)


def _definitions(
    session: Session, further: dict[str, dict[str, float]]
) -> Definitions:
    found = metric_definitions(session.trainer)
    for task, measured in further.items():
        meant = session.options.pipeline.definitions()
        found.setdefault(task, {}).update(dict.fromkeys(measured, meant))
    return found


def _result(best: Checkpoint, tasks: tuple[str, ...]) -> dict[str, Any]:
    row = {"epoch": best.epoch, "step": best.step, **best.logs}
    return epoch_result(row, tasks)
