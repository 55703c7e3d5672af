import numpy as np
import pytest
from PIL import Image

from keras_mtl.datasets import load
from keras_mtl.errors import DataError

openpyxl = pytest.importorskip("openpyxl")

EYES = ("OD", "OS")
DIAGNOSES = {"OD": (0, 1, 0, 1), "OS": (2, 1, 0, 0)}


@pytest.fixture
def release(tmp_path):
    """Four patients; above their rows, a title and names in two rows."""
    for folder in ("FundusImages", "ExpertsSegmentations/Contours"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "ClinicalData").mkdir()
    for eye in EYES:
        book = openpyxl.Workbook()
        book.active.append([None, "Age", "Gender", "Diagnosis", "dioptre"])
        book.active.append(["ID", None, None, None, None])
        book.active.append([None, None, None, None, "dioptre_1"])
        for number, answer in zip((2, 4, 5, 6), DIAGNOSES[eye], strict=True):
            book.active.append([f"#{number:03d}", 60, 0, answer, 0.5])
            name = f"RET{number:03d}{eye}"
            path = tmp_path / "FundusImages" / f"{name}.jpg"
            Image.new("RGB", (40, 30), (200, 90, number)).save(path)
            contours = tmp_path / "ExpertsSegmentations/Contours"
            for part, (low, high) in (("disc", (8, 24)), ("cup", (12, 20))):
                corners = (
                    f"{low} {low}\n{high} {low}\n{high} {high}\n{low} {high}"
                )
                for expert in (1, 2):
                    file = contours / f"{name}_{part}_exp{expert}.txt"
                    file.write_text(corners)
        book.save(tmp_path / f"ClinicalData/patient_data_{eye.lower()}.xlsx")
    return tmp_path


def test_both_eyes_with_outlines_and_diagnoses(release, elements):
    data = load(
        "refuge",
        layout="papila",
        dir=str(release),
        size=(30, 40),
        batch_size=2,
        validation=0,
        test=2,
        missing="unlabelled",
    )
    assert tuple(data.tasks) == ("glaucoma", "disc", "cup")
    sizes = (data.train.num_samples, data.test.num_samples)
    assert sizes == (6, 2)
    parts = [data.train.plain(), data.test]
    batches = [batch for part in parts for batch in elements(part.dataset())]
    answers = np.concatenate([batch[1]["glaucoma"][:, 0] for batch in batches])
    known = np.concatenate([np.ravel(b[2]["glaucoma"]) for b in batches])
    assert (int(answers[known > 0].sum()), int(known.sum())) == (3, 7)
    for _, labels, weights in batches:
        for eye in labels["disc"]:
            assert eye[8:25, 8:25].all()
            assert eye.sum() == 17**2
        for eye in labels["cup"]:
            assert eye.sum() == 9**2
        assert weights["disc"].all()


def test_a_suspected_eye_has_no_label(release):
    with pytest.raises(DataError, match=r"RET002OS.jpg has no label") as error:
        load("refuge", layout="papila", dir=str(release), batch_size=2)
    assert "where a row '002' is expected" in str(error.value)


def test_an_outline_that_is_missing(release):
    contours = release / "ExpertsSegmentations/Contours"
    (contours / "RET004OD_cup_exp1.txt").unlink()
    options = {"layout": "papila", "dir": str(release), "batch_size": 2}
    with pytest.raises(DataError, match=r"expected .*RET004OD_cup_exp1.txt"):
        load("refuge", tasks=["cup"], **options)
