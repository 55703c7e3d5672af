"""REFUGE, and other releases for glaucoma from fundus photographs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keras_mtl.datasets import options as check
from keras_mtl.datasets.files.data_set import from_records, image_side
from keras_mtl.datasets.files.listing import root
from keras_mtl.datasets.fundus.file_index import FileIndex
from keras_mtl.datasets.fundus.layout import Layout, read_layout
from keras_mtl.datasets.fundus.records_maker import RecordsMaker
from keras_mtl.datasets.fundus.samples import find_samples
from keras_mtl.datasets.fundus.splits import split_samples
from keras_mtl.datasets.multi_task_data import MultiTaskData


def refuge(
    batch_size: int = 8,
    seed: int = 0,
    dir: str | None = None,
    layout: str = "refuge",
    tasks: Sequence[str] | None = None,
    size: Sequence[int] | None = (256, 256),
    fovea_variance: float = 50.0,
    missing: str = "fail",
    validation: int | float | None = None,
    test: int | float | None = None,
    split: Mapping[str, Sequence[str]] | None = None,
    split_seed: int = 0,
    augmentation: Sequence[str | dict[str, Any]] = (),
    cache: str = "none",
    cache_dir: str | None = None,
    on_corrupt: str = "fail",
) -> MultiTaskData:
    """REFUGE: 400 training, 400 validation and 400 test photographs.

    Four tasks: `glaucoma` (yes or no), `disc` and `cup` (masks; the disc
    includes the cup) and `fovea` (a heat map: a Gaussian around the point).
    The parts are those of the release. What was unpacked into folders of its
    own once more is found as well.

    Other releases with the same content are read by another `layout`, a
    small TOML file that says where images and labels are; some lack the
    fovea, and some are not split.

    Args:
        batch_size: Samples in a batch.
        seed: Seed of the order of the training images, 0 or more.
        dir: Folder of the release.
        layout: `"refuge"`, another one that comes with the package, or the
            path of a `.toml` file.
        tasks: Some of the tasks. Defaults to all that the layout has.
        size: Height and width to resize to; masks by nearest neighbour, and
            points with their image. `None` keeps the size.
        fovea_variance: Of the Gaussian, in squared pixels of an image of
            256x256, above 0; at another size it covers as much of the eye.
        missing: `"fail"`, or `"unlabelled"`: images without a label of some
            task are kept, with weight 0 for it.
        validation: Training images held out, where the release has no part
            for validation: a count, or a fraction below 1. By default a
            tenth.
        test: Likewise for test, where it has none. By default a fifth.
        split: Names of the images (without the ending) of `train`,
            `validation` and `test`, in place of the released parts.
        split_seed: Seed of what is held out, 0 or more. The parts have like
            shares of glaucoma.
        augmentation: What is done to training images and their labels at
            random: names or mappings of `flip`, `scale`, `crop`, `rotation`
            and `colour`, in order.
        cache: `"none"`, `"memory"` or `"disk"`: where decoded and resized
            files are kept.
        cache_dir: Folder of the caches on disk. Defaults to the environment
            variable `KERAS_MTL_CACHE`, or `~/.cache/keras_mtl`.
        on_corrupt: `"fail"`, or `"skip"`: decode every file first, and leave
            out the samples that cannot be read.

    Returns:
        Data with inputs `(height, width, 3)`, float32 in [0, 1].

    Raises:
        ConfigError: If an option or the layout is wrong.
        DataError: If files are missing or damaged, or a label is wrong, by
            file and row.

    Reference:
        [Orlando et al., 2020](https://doi.org/10.1016/j.media.2019.101570)
    """
    check.choice("missing", missing, ("fail", "unlabelled"))
    check_variance(fovea_variance)
    side = image_side("size", size)
    found = read_layout(layout)
    chosen = chosen_tasks(found, tasks)
    index = FileIndex(root(dir, found.about))
    parts = split_samples(
        {
            part: find_samples(index, found, part, chosen, missing)
            for part in found.parts
        },
        validation,
        test,
        split,
        split_seed,
        alike="glaucoma",
    )
    maker = RecordsMaker(found, chosen, side, fovea_variance)
    records = {part: maker.records(part_) for part, part_ in parts.items()}
    return from_records(
        "refuge",
        records,
        maker.targets(),
        batch_size=batch_size,
        seed=seed,
        options={
            "dir": dir,
            "layout": layout,
            "layout_digest": found.digest,
            "tasks": list(chosen),
            "size": maker.size and list(maker.size),
            "fovea_variance": fovea_variance,
            "missing": missing,
            "validation": validation,
            "test": test,
            "split": split and {p: list(names) for p, names in split.items()},
            "split_seed": split_seed,
            "augmentation": list(augmentation),
            "cache": cache,
            "cache_dir": cache_dir,
            "on_corrupt": on_corrupt,
        },
    )


def check_variance(value: Any) -> None:
    """Refuses a variance that is no number above 0.

    Raises:
        ConfigError: If it is not.
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 < value < float("inf"):
        raise check.wrong("fovea_variance", "a number above 0", value)


def chosen_tasks(
    layout: Layout, tasks: Sequence[str] | None
) -> tuple[str, ...]:
    """The tasks of `data.tasks`, by default all of the layout.

    Raises:
        ConfigError: If one is not in the layout, or twice.
    """
    if tasks is None:
        return layout.tasks
    good = not isinstance(tasks, str) and set(tasks) <= set(layout.tasks)
    if not good or not tasks or len(set(tasks)) < len(tasks):
        raise check.wrong(
            "tasks",
            f"some of {', '.join(layout.tasks)} (layout {layout.name!r}), "
            "once each",
            tasks,
        )
    return tuple(tasks)
