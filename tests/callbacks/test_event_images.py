import io

import numpy as np
from PIL import Image
from tensorboard.backend.event_processing import event_accumulator

from keras_mtl.callbacks.event_images import cosine_image, image_summary
from keras_mtl.callbacks.event_log import EventLog

PAIRS = {("a", "b"): -1.0, ("a", "c"): 1.0}


def cells(image, count):
    """Colours beside the middle of every cell, clear of the numbers."""
    pixels = np.asarray(image)
    cell = 48
    first = pixels.shape[0] - 6 - count * cell
    places = first + cell * np.arange(count) + 4
    return pixels[np.ix_(places, places)]


def test_colours_are_symmetric_and_tell_signs():
    found = cells(cosine_image(("a", "b", "c"), PAIRS), 3)
    np.testing.assert_array_equal(found, found.transpose(1, 0, 2))
    against, along, missing = found[0, 1], found[0, 2], found[1, 2]
    assert against[0] > against[2]
    assert along[2] > along[0]
    assert len(set(missing.tolist())) == 1  # grey
    np.testing.assert_array_equal(found[0, 0], along)


def test_no_conflict_is_white():
    found = cells(cosine_image(("a", "b"), {("a", "b"): 0.0}), 2)
    assert found[0, 1].tolist() == [255, 255, 255]


def test_names_make_room_for_themselves():
    short = cosine_image(("a", "b"), {})
    long = cosine_image(("a", "a name that is rather long"), {})
    assert long.width > short.width + 100


def test_many_tasks_fit():
    many = cosine_image([f"task {i:02}" for i in range(40)], {})
    assert many.width < 900


def test_tensorboard_reads_the_picture_back(tmp_path):
    image = cosine_image(("a", "b"), {})
    log = EventLog(tmp_path)
    log.summary(image_summary("cosine/matrix", image, "about"), 3)
    log.close()
    events = event_accumulator.EventAccumulator(str(tmp_path)).Reload()
    (event,) = events.Images("cosine/matrix")
    assert event.step == 3
    with Image.open(io.BytesIO(event.encoded_image_string)) as found:
        np.testing.assert_array_equal(np.asarray(found), np.asarray(image))
    assert (event.width, event.height) == image.size
