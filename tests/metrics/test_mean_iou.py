import pytest

from keras_mtl.metrics import MeanIoU


@pytest.mark.parametrize(
    ("number", "published", "chosen"),
    [
        (1, True, "chapter_3"),
        (7, True, "chapter_4"),
        (7, "chapter_3", "chapter_3"),
        (7, False, False),
    ],
)
def test_the_published_variant_and_its_name(number, published, chosen):
    metric = MeanIoU(number, published)
    assert metric.published == chosen
    assert metric.name == ("published_mean_iou" if chosen else "mean_iou")
    assert MeanIoU(number, published, name="mine").name == "mine"


def test_other_variants_are_refused():
    with pytest.raises(ValueError, match="published='chapter_5'"):
        MeanIoU(2, published="chapter_5")
