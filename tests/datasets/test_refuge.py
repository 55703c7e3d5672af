import numpy as np
import pytest
from PIL import Image

from keras_mtl.datasets import load
from keras_mtl.errors import ConfigError, DataError

openpyxl = pytest.importorskip("openpyxl")

SHAPE = (12, 16)
FOVEA = {"train": "Fovea_location.xlsx", "val": "Fovea_locations.xlsx"}
LAST = "Glaucoma_label_and_Fovea_location.xlsx"


def sheet(path, rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def save(path, array):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


def mask(generator):
    return generator.choice(np.array([0, 128, 255], np.uint8), SHAPE)


@pytest.fixture
def tree(tmp_path):
    """The zips of the release, unpacked; the masks and points by name."""
    generator = np.random.default_rng(0)
    masks, points = {}, {}

    def add(name, image, annotation):
        pixels = generator.integers(0, 256, (*SHAPE, 3), np.uint8)
        save(tmp_path / image / f"{name}.jpg", pixels)
        masks[name] = mask(generator)
        save(tmp_path / annotation / f"{name}.bmp", masks[name])
        points[name] = (len(points) + 1.25, 3.5)
        return [f"{name}.jpg", *points[name]]

    home = "Annotation-Training400/Annotation-Training400"
    rows = [
        add(f"{letter}{i:04d}", f"Training400/{kind}", where)
        for letter, kind, count in (
            ("g", "Glaucoma", 2),
            ("n", "Non-Glaucoma", 4),
        )
        for where in [f"{home}/Disc_Cup_Masks/{kind}"]
        for i in range(1, count + 1)
    ]
    head = ["ID", "ImgName", "Fovea_X", "Fovea_Y"]
    rows = [[i, *row] for i, row in enumerate(rows, 1)]
    sheet(tmp_path / home / FOVEA["train"], [head, *rows])
    rows = [
        add(
            f"V{i:04d}",
            "REFUGE-Validation400",
            "REFUGE-Validation400-GT/Disc_Cup_Masks",
        )
        for i in (1, 2)
    ]
    rows = [[i, row[0], i % 2, *row[1:]] for i, row in enumerate(rows, 1)]
    head = ["ID", "ImgName", "Glaucoma Label", "Fovea_X", "Fovea_Y"]
    sheet(tmp_path / "REFUGE-Validation400-GT" / FOVEA["val"], [head, *rows])
    rows = [
        add(f"T{i:04d}", "Test400", f"REFUGE-Test-GT/Disc_Cup_Masks/{kind}")
        for i, kind in ((1, "G"), (2, "N"), (3, "N"))
    ]
    rows = [[i, row[0], int(i == 1), *row[1:]] for i, row in enumerate(rows, 1)]
    head[2] = "Label(Glaucoma=1)"
    sheet(tmp_path / "REFUGE-Test-GT" / LAST, [head, *rows])
    return tmp_path, masks, points


def make(root, **options):
    options = {"batch_size": 2, "size": SHAPE, **options}
    return load("refuge", dir=str(root), **options)


def whole(elements, split):
    batches = elements(split.dataset())
    return [
        {
            task: np.concatenate([batch[part][task] for batch in batches])
            for task in batches[0][part]
        }
        for part in (1, 2)
    ]


def test_the_parts_are_those_of_the_release(tree, elements):
    root, masks, points = tree
    data = make(root)
    sizes = [s.num_samples for s in (data.train, data.validation, data.test)]
    assert sizes == [6, 2, 3]
    assert {n: t.kind for n, t in data.tasks.items()} == {
        "glaucoma": "binary",
        "disc": "mask",
        "cup": "mask",
        "fovea": "heatmap",
    }
    y, w = whole(elements, data.test)
    assert y["glaucoma"].tolist() == [[1], [0], [0]]
    assert all(weights.min() == 1 for weights in w.values())
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    # The variance is 50 squared pixels at 256x256.
    variance = 50 * SHAPE[0] * SHAPE[1] / 256**2
    for i, name in enumerate(("T0001", "T0002", "T0003")):
        np.testing.assert_array_equal(y["disc"][i, ..., 0], masks[name] < 255)
        np.testing.assert_array_equal(y["cup"][i, ..., 0], masks[name] == 0)
        x0, y0 = points[name]
        squares = (columns - x0) ** 2 + (rows - y0) ** 2
        heat = np.exp(-squares / (2 * variance))
        np.testing.assert_allclose(y["fovea"][i, ..., 0], heat, atol=1e-5)


def test_training_labels_are_those_of_the_folders(tree, elements):
    y, _ = whole(elements, make(tree[0], batch_size=6, seed=1).train)
    assert sorted(y["glaucoma"][:, 0]) == [0, 0, 0, 0, 1, 1]
    y, _ = whole(elements, make(tree[0]).validation)
    assert y["glaucoma"].tolist() == [[1], [0]]


def test_points_move_with_the_resize(tree, elements):
    root, _, points = tree
    data = make(root, size=(24, 32), tasks=["fovea"])
    y, _ = whole(elements, data.test)
    for i, name in enumerate(("T0001", "T0002", "T0003")):
        heat = y["fovea"][i, ..., 0]
        row, column = np.unravel_index(heat.argmax(), heat.shape)
        x0, y0 = points[name]
        assert abs(column - (2 * x0 + 0.5)) <= 0.5
        assert abs(row - (2 * y0 + 0.5)) <= 0.5


def test_a_disc_and_a_cup_are_read_once(tree):
    files = make(tree[0]).test.source.records.files
    assert sorted(files) == ["image", "map:disc"]


def test_an_image_without_a_mask_is_named(tree, elements):
    root = tree[0]
    (root / "REFUGE-Test-GT/Disc_Cup_Masks/N/T0002.bmp").unlink()
    with pytest.raises(DataError, match=r"T0002\.jpg has no map .*'disc'"):
        make(root)
    _, w = whole(elements, make(root, missing="unlabelled").test)
    assert w["disc"].mean(axis=(1, 2)).tolist() == [1, 0, 1]
    assert w["glaucoma"].tolist() == [1, 1, 1]


def test_unknown_grey_levels_are_named(tree):
    path = tree[0] / "REFUGE-Test-GT/Disc_Cup_Masks/N/T0003.bmp"
    save(path, np.full(SHAPE, 7, np.uint8))
    data = make(tree[0])
    with (
        pytest.raises(DataError, match=r"T0003\.bmp .* 0, 128, 255"),
        data.reading(),
    ):
        list(data.test.dataset())


def test_points_outside_of_the_image_are_named_by_row(tree):
    head = ["ImgName", "Label(Glaucoma=1)", "Fovea_X", "Fovea_Y"]
    rows = [[f"T{i:04d}.jpg", 0, 4 * i, 5 * i] for i in (1, 2, 3)]
    sheet(tree[0] / "REFUGE-Test-GT" / LAST, [head, *rows])
    match = rf"{LAST}, line 4: the point \(12, 15\) .*16 pixels wide and 12"
    with pytest.raises(DataError, match=match):
        make(tree[0])


def test_a_cell_that_is_no_label_is_named_by_row(tree):
    head = ["ImgName", "Label(Glaucoma=1)", "Fovea_X", "Fovea_Y"]
    rows = [[f"T{i:04d}.jpg", i, 4, 5] for i in (1, 2, 3)]
    sheet(tree[0] / "REFUGE-Test-GT" / LAST, [head, *rows])
    with pytest.raises(DataError, match=r"line 3: the cell '2' .* 1, 0"):
        make(tree[0])


def test_a_row_that_is_missing_or_empty_is_named(tree, elements):
    head = ["ImgName", "Label(Glaucoma=1)", "Fovea_X", "Fovea_Y"]
    rows = [["T0001.jpg", 1, None, 5], ["T0003.jpg", 0, 4, 5]]
    sheet(tree[0] / "REFUGE-Test-GT" / LAST, [head, *rows])
    with pytest.raises(DataError, match=r"T0002\.jpg has no label"):
        make(tree[0])
    _, w = whole(elements, make(tree[0], missing="unlabelled").test)
    assert w["glaucoma"].tolist() == [1, 0, 1]
    assert w["fovea"].max(axis=(1, 2)).tolist() == [0, 0, 1]


def test_a_missing_spreadsheet_is_named(tree):
    (tree[0] / "REFUGE-Validation400-GT" / FOVEA["val"]).unlink()
    with pytest.raises(DataError, match=r"Fovea_locations\.xlsx below"):
        make(tree[0])


def test_mixed_sizes_are_named(tree):
    path = tree[0] / "Test400/T0002.jpg"
    save(path, np.zeros((10, 16, 3), np.uint8))
    with pytest.raises(DataError, match=r"T0002\.bmp is 12x16 .* is 10x16"):
        make(tree[0], tasks=["disc"])
    with pytest.raises(DataError, match=r"T0002\.jpg is 10x16 .*`data\.size`"):
        make(tree[0], tasks=["glaucoma"], size=None)


@pytest.mark.parametrize(
    ("dtype", "expected"), [(np.uint8, "grey"), (np.uint16, "8 bits")]
)
def test_grey_and_deep_images_are_named(tree, dtype, expected):
    path = tree[0] / "Test400/T0002.jpg"
    Image.fromarray(np.full(SHAPE, 300, np.uint16).astype(dtype)).save(
        path, "PNG"
    )
    with pytest.raises(DataError, match=rf"T0002\.jpg .*{expected}"):
        make(tree[0])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"tasks": ["disk"]}, "some of glaucoma, disc, cup, fovea"),
        ({"tasks": []}, "some of"),
        ({"layout": "refuje"}, "one of .*refuge"),
        ({"missing": "skip"}, "fail, unlabelled"),
        ({"fovea_variance": 0}, "number above 0"),
        ({"validation": 0.2}, "validation part of its own"),
        ({"split": {"test": ["T0001"]}}, "lists of names"),
    ],
)
def test_wrong_options_are_refused(tree, options, expected):
    with pytest.raises(ConfigError, match=expected):
        make(tree[0], **options)


def test_a_split_by_names(tree):
    split = {"train": ["T0001", "g0001"], "test": ["V0002"]}
    data = make(tree[0], split=split)
    assert data.validation is None
    assert (
        data.test.source.records.files["image"].paths[0].endswith("V0002.jpg")
    )
    with pytest.raises(DataError, match="names 'T9', which is no image"):
        make(tree[0], split={"train": ["T9"]})


def test_a_folder_without_the_release_says_what_is_expected(tmp_path):
    with pytest.raises(DataError, match=r"no image .*refuge\.grand-challenge"):
        make(tmp_path)


@pytest.mark.data
def test_the_real_drishti_gs(data_dir, elements):
    data = load(
        "refuge",
        layout="drishti_gs",
        dir=data_dir("Drishti-GS1"),
        size=(32, 32),
        batch_size=45,
    )
    sizes = [s.num_samples for s in (data.train, data.validation, data.test)]
    assert sizes == [45, 5, 51]
    y, w = whole(elements, data.test)
    assert y["glaucoma"].sum() == 38
    assert (y["cup"] <= y["disc"]).mean() > 0.999
    assert 0.01 < y["disc"].mean() < 0.1
    assert all(weights.min() == 1 for weights in w.values())
