from keras_mtl.report.flat import distinguishing, flattened


def test_seeds_names_and_folders_make_no_method():
    flat = flattened(
        {
            "name": "a",
            "seed": 1,
            "data": {"dir": "/x", "seed": 1, "split_seed": 3},
            "callbacks": [{"name": "roaming", "seed": 1}],
            "partition": None,
            "fit": {"telemetry": True, "epochs": 2},
        }
    )
    assert distinguishing(flat) == {
        "data.split_seed": 3,
        "callbacks.0.name": "roaming",
        "fit.epochs": 2,
    }


def test_more_can_be_ignored():
    flat = {"fit.epochs": 2, "model.a.b": 1, "model.ab": 2}
    assert distinguishing(flat, ("fit.epochs", "model.a")) == {"model.ab": 2}


def test_empty_nodes_are_leaves():
    assert flattened({"a": {}, "b": [], "c": None}) == {
        "a": {}, "b": [], "c": None,
    }  # fmt: skip
