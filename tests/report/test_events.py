import pytest
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

from keras_mtl.report.events import mean_scalars


def event(step, **values):
    summary = summary_pb2.Summary()
    for tag, value in values.items():
        summary.value.add(tag=tag, simple_value=value)
    return event_pb2.Event(summary=summary, step=step)


def restart(step):
    start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
    return event_pb2.Event(session_log=start, step=step)


def write(folder, number, *events):
    with (folder / f"events.out.tfevents.{number}").open("wb") as file:
        for one in events:
            RecordWriter(file).write(one.SerializeToString())


def test_means_of_the_wanted_curves(tmp_path):
    write(tmp_path, 1, event(1, a=1.0, b=5.0), event(2, a=2.0))
    write(tmp_path, 2, event(3, a=6.0))
    assert mean_scalars(tmp_path, {"a", "c"}) == {"a": pytest.approx(3.0)}


def test_what_was_done_again_counts_once(tmp_path):
    write(tmp_path, 1, event(1, a=1.0), event(2, a=100.0))
    write(tmp_path, 2, restart(2), event(2, a=3.0))
    assert mean_scalars(tmp_path, {"a"}) == {"a": pytest.approx(2.0)}


def test_a_file_that_was_cut_off_is_read_so_far(tmp_path):
    write(tmp_path, 1, event(1, a=1.0), event(2, a=3.0))
    path = tmp_path / "events.out.tfevents.1"
    path.write_bytes(path.read_bytes()[:-2])
    assert mean_scalars(tmp_path, {"a"}) == {"a": 1.0}
    path.write_bytes(b"not a record at all")
    assert mean_scalars(tmp_path, {"a"}) == {}


def test_values_that_are_no_numbers_are_left_out(tmp_path):
    write(tmp_path, 1, event(1, a=float("nan")), event(2, a=3.0))
    assert mean_scalars(tmp_path, {"a"}) == {"a": 3.0}
    assert mean_scalars(tmp_path / "none", {"a"}) == {}
