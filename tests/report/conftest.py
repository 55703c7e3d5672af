"""Run folders as training leaves them, without the training."""

import copy
import json
import types

import numpy as np
import pytest
import yaml

CONFIG = {
    "name": "toy",
    "seed": 0,
    "data": {
        "name": "toy_digits",
        "batch_size": 32,
        "seed": 0,
        "dir": "/data",
        "split_seed": 0,
    },
    "model": {"name": "lenet"},
    "partition": None,
    "trainer": {"name": "shared", "aggregator": None, "seed": 0},
    "optimizer": {"name": "adam", "learning_rate": 0.001},
    "callbacks": [{"name": "roaming", "seed": 0}],
    "fit": {"epochs": 2, "telemetry": False, "log_every": 50},
    "tasks": {},
}


def resolved(seed=0, **changes):
    """A configuration; `trainer__name="x"` changes one key."""
    config = copy.deepcopy(CONFIG)
    config["seed"] = config["data"]["seed"] = config["trainer"]["seed"] = seed
    config["callbacks"][0]["seed"] = seed
    for key, value in changes.items():
        *parents, last = key.split("__")
        block = config
        for parent in parents:
            block = block[parent]
        block[last] = value
    return config


def write_run(path, scores, seed=0, manifest=(), metrics=(), **changes):
    """Writes a finished run whose test scores are `scores`."""
    path.mkdir(parents=True)
    config = resolved(seed, name=path.name, **changes)
    (path / "resolved.yaml").write_text(yaml.safe_dump(config))
    about = {
        "status": "finished",
        "finished": "2030-01-01T00:00:00+00:00",
        "seed": seed,
        "tasks": sorted(scores),
        "parameters": 1000,
        "seconds": 60.0,
        "peak_memory_bytes": 2**29,
        "data": {"name": config["data"]["name"], "contents": "abc"},
        **dict(manifest),
    }
    (path / "manifest.json").write_text(json.dumps(about))
    last = {"epoch": 2, "train": scores, "validation": scores}
    found = {
        "last": last,
        "best": None,
        "test": scores,
        "evaluated": "last",
        **dict(metrics),
    }
    (path / "metrics.json").write_text(json.dumps(found))
    return path


def accuracies(left, right):
    return {
        "left": {"accuracy": left, "loss": 1 - left},
        "right": {"accuracy": right, "loss": 1 - right},
    }


def write_events(folder, curves):
    """Writes scalars, tag to values, as training does."""
    from tensorboard.compat.proto import event_pb2, summary_pb2
    from tensorboard.summary.writer.record_writer import RecordWriter

    folder.mkdir(parents=True)
    with (folder / "events.out.tfevents.1").open("wb") as file:
        writer = RecordWriter(file)
        for tag, values in curves.items():
            for step, value in enumerate(values):
                summary = summary_pb2.Summary()
                summary.value.add(tag=tag, simple_value=value)
                event = event_pb2.Event(summary=summary, step=step)
                writer.write(event.SerializeToString())


def write_history(path, rows):
    names = list(rows[0])
    lines = [",".join(str(row[name]) for name in names) for row in rows]
    text = "\n".join([",".join(names), *lines]) + "\n"
    (path / "history.csv").write_text(text)


@pytest.fixture
def telling(runs):
    """Methods with everything that there are pictures of."""
    random = np.random.default_rng(0)
    tasks = ("cup", "disc", "fovea")
    methods = [
        ("single_task", 0.001, None, None),
        *[("shared", rate, None, None) for rate in (0.0001, 0.001, 0.01)],
        *[
            ("independent", 0.001, every, ratio)
            for every in (1, 10)
            for ratio in (0.25, 1.0)
        ],
    ]
    for place, (name, rate, every, ratio) in enumerate(methods):
        for seed in range(2):
            scores = {
                task: {
                    "dice": float(0.8 + 0.02 * place + random.normal(0, 0.01))
                }
                for task in tasks
            }
            roaming = {"name": "roaming", "seed": seed}
            if every is not None:
                roaming |= {"every": {"steps": every}, "update_ratio": ratio}
            path = runs.write(
                f"{place}-{seed}",
                scores,
                seed,
                trainer__name=name,
                optimizer__learning_rate=rate,
                callbacks=[roaming],
            )
            write_history(
                path,
                [
                    {
                        "epoch": epoch,
                        "step": 10 * epoch,
                        "seconds": 1.0,
                        **{f"val_{t}_loss": 1 / epoch + place for t in tasks},
                        "val_loss": 3 / epoch,
                        "weight_cup": 1.0,
                        "weight_disc": 1.0 + 0.1 * epoch * (place == 1),
                        "distance_total": 5.0 * epoch,
                    }
                    for epoch in range(1, 5)
                ],
            )
            if name == "shared":
                curve = {"cosine/cup/disc": [0.5, -0.1], "loss/cup": [1.0]}
                write_events(path / "logs" / "train", curve)
                (path / "flatness.csv").write_text(
                    f"task,bound,loss\ncup,0.0,1\ncup,0.1,{2 + seed}\n"
                )
    return runs.path


@pytest.fixture
def runs(tmp_path):
    """Writes runs below a folder; `runs.path` is that folder."""
    root = tmp_path / "runs"
    root.mkdir()

    def write(name, scores, seed=0, **options):
        return write_run(root / name, scores, seed, **options)

    def study(seeds=range(4), names=("shared", "independent", "alternating")):
        """A few methods x seeds, each a bit better than the one before."""
        random = np.random.default_rng(0)
        for place, name in enumerate(names):
            for seed in seeds:
                left, right = 0.8 + 0.03 * place + random.normal(0, 0.01, 2)
                write(
                    f"{name}-{seed}",
                    accuracies(float(left), float(right)),
                    seed,
                    trainer__name=name,
                )
        return root

    return types.SimpleNamespace(
        path=root, write=write, study=study, accuracies=accuracies
    )
