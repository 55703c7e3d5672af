"""HRF, and other releases with arteries and veins of the retina."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from keras_mtl.datasets import options as check
from keras_mtl.datasets.files.data_set import from_records, image_side
from keras_mtl.datasets.files.listing import root
from keras_mtl.datasets.fundus.file_index import FileIndex
from keras_mtl.datasets.fundus.layout import Layout, read_layout
from keras_mtl.datasets.fundus.random_crops import RandomCrops
from keras_mtl.datasets.fundus.records_maker import RecordsMaker
from keras_mtl.datasets.fundus.rule import FILES
from keras_mtl.datasets.fundus.samples import find_samples
from keras_mtl.datasets.fundus.splits import split_samples
from keras_mtl.datasets.fundus.tiles import Tiles
from keras_mtl.datasets.multi_task_data import MultiTaskData
from keras_mtl.datasets.refuge import chosen_tasks
from keras_mtl.errors import ConfigError


def hrf_av(
    batch_size: int = 4,
    seed: int = 0,
    dir: str | None = None,
    layout: str = "hrf",
    tasks: Sequence[str] | None = None,
    size: Sequence[int] | None = None,
    crop: Sequence[int] | None = (256, 256),
    crops_per_image: int = 8,
    overlap: int = 32,
    missing: str = "fail",
    validation: int | float | None = 0,
    test: int | float | None = None,
    split: Mapping[str, Sequence[str]] | None = None,
    split_seed: int = 0,
    augmentation: Sequence[str | dict[str, Any]] = (),
    cache: str = "none",
    cache_dir: str | None = None,
    on_corrupt: str = "fail",
) -> MultiTaskData:
    """HRF with artery/vein labels: 45 photographs of 2336x3504.

    Two tasks: `artery_vein` (two masks; crossings are both, uncertain vessels
    have weight 0) and `vessels` (a mask). What is outside of the field of
    view has weight 0. The release is not split: 15 images are drawn for
    training and 30 for test.

    Training takes random windows, and evaluation whole images in overlapping
    tiles, where every pixel counts once.

    Other releases with the same content are read by another `layout`.

    Args:
        batch_size: Windows in a batch.
        seed: Seed of the order and the places of the windows, 0 or more.
        dir: Folder of the release.
        layout: `"hrf"`, another one that comes with the package, or the path
            of a `.toml` file.
        tasks: Some of the tasks. Defaults to all that the layout has.
        size: Height and width to resize to before anything else; maps by
            nearest neighbour. Defaults to that of the images.
        crop: Height and width of windows and tiles; `None`: whole images.
        crops_per_image: Windows of each training image in an epoch, 1 or
            more.
        overlap: Pixels that two tiles share at least, less than a tile.
        missing: `"fail"`, or `"unlabelled"`: images without a label of some
            task are kept, with weight 0 for it.
        validation: Training images held out: a count, or a fraction below 1.
            `None`: the released part, or a tenth.
        test: Likewise for test. `None`: the released part, or two thirds.
        split: Names of the images (without the ending) of `train`,
            `validation` and `test` instead.
        split_seed: Seed of what is held out, 0 or more.
        augmentation: What is done to training windows and their labels at
            random: names or mappings of `flip`, `scale`, `crop`, `rotation`
            and `colour`, in order.
        cache: `"none"`, `"memory"` or `"disk"`: where decoded and resized
            files are kept. Without one, every window decodes its image.
        cache_dir: Folder of the caches on disk. Defaults to the environment
            variable `KERAS_MTL_CACHE`, or `~/.cache/keras_mtl`.
        on_corrupt: `"fail"`, or `"skip"`: decode every file first, and leave
            out the samples that cannot be read.

    Returns:
        Data with inputs `(height, width, 3)`, float32 in [0, 1].

    Raises:
        ConfigError: If an option or the layout is wrong.
        DataError: If files are missing or damaged, or a label is wrong.

    Reference:
        [Hemelings et al., 2019](https://doi.org/10.1016/j.compmedimag.2019.05.004)
    """
    check.choice("missing", missing, ("fail", "unlabelled"))
    check.integer("crops_per_image", crops_per_image, 1)
    check.integer("overlap", overlap, 0)
    window = image_side("crop", crop)
    found = read_layout(layout)
    chosen = _maps(found, chosen_tasks(found, tasks))
    index = FileIndex(root(dir, found.about))
    released = {
        part: find_samples(index, found, part, chosen, missing, True)
        for part in found.parts
    }
    if test is None and "test" not in released and split is None:
        test = 2 / 3
    if "validation" in released and not validation:
        validation = None
    parts = split_samples(released, validation, test, split, split_seed)
    maker = RecordsMaker(found, chosen, image_side("size", size), 1.0)
    records = {part: maker.records(some) for part, some in parts.items()}
    has_views = any(some.views for some in parts.values())
    return from_records(
        "hrf_av",
        records,
        maker.targets(has_views),
        batch_size=batch_size,
        seed=seed,
        sources=_sources(window, maker.size, crops_per_image, overlap),
        options={
            "dir": dir,
            "layout": layout,
            "layout_digest": found.digest,
            "tasks": list(chosen),
            "size": maker.size and list(maker.size),
            "crop": window and list(window),
            "crops_per_image": crops_per_image,
            "overlap": overlap,
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


def _maps(layout: Layout, tasks: tuple[str, ...]) -> tuple[str, ...]:
    others = [t for t in tasks if layout.rules[t].form not in FILES]
    if others:
        raise ConfigError(
            f"`hrf_av` cuts images into windows, which the tasks {others} of "
            f"the layout {layout.name!r} do not allow: expected masks. Leave "
            "them out by `data.tasks`, or choose `data.name: refuge`."
        )
    return tasks


def _sources(
    window: tuple[int, int] | None,
    size: tuple[int, int] | None,
    per_image: int,
    overlap: int,
) -> dict[str, Callable[..., Any]]:
    """What makes samples of the records of each part."""
    if window is None or size is None:
        return {}
    if window[0] > size[0] or window[1] > size[1]:
        raise check.wrong(
            "crop", f"at most the {size[0]}x{size[1]} of the images", window
        )
    if overlap >= min(window):
        raise check.wrong("overlap", "less than `data.crop`", overlap)
    tiles = partial(Tiles, crop=window, overlap=overlap)
    crops = partial(RandomCrops, crop=window, per_image=per_image)
    return {"train": crops, "validation": tiles, "test": tiles}
