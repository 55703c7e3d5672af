"""A task with a label a pixel, in files that a table names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keras_mtl.datasets.options import wrong
from keras_mtl.datasets.targets.class_map import ClassMap, id_table
from keras_mtl.datasets.targets.depth_map import DepthMap
from keras_mtl.datasets.targets.mask_maps import MaskMaps
from keras_mtl.datasets.targets.normal_map import NormalMap
from keras_mtl.datasets.targets.partial_map import PartialMap
from keras_mtl.datasets.targets.target import Target
from keras_mtl.datasets.task_spec import TaskSpec

MAP_KINDS = ("segmentation", "mask", "depth", "normals")
_KEYS = {
    "segmentation": ("kind", "file", "classes", "ignore"),
    "mask": ("kind", "file"),
    "depth": ("kind", "file", "scale"),
    "normals": ("kind", "file"),
}


@dataclass(frozen=True)
class MapTask:
    """Where the maps of a task are, and what makes labels of them.

    Args:
        target: What makes the labels.
        places: Columns or paths of the maps.
        fields: Names of their fields.
        known: Field that tells whether there is any of them.
        channels: Channels of a map.
    """

    target: Target
    places: tuple[str, ...]
    fields: tuple[str, ...]
    known: str
    channels: int


def map_task(name: str, block: Any, kinds: tuple[str, ...]) -> MapTask:
    """Reads the block of a task. See `image_folder`.

    Args:
        name: Name of the task.
        block: The block.
        kinds: The kinds that are possible, for the message.

    Raises:
        ConfigError: If the block is wrong.
    """
    option = f"tasks.{name}"
    if not isinstance(block, Mapping) or block.get("kind") not in kinds:
        raise wrong(option, f"a mapping with a `kind`, one of {kinds}", block)
    kind = block["kind"]
    for key in block:
        if key not in _KEYS[kind]:
            raise wrong(f"{option}.{key}", f"absent ({kind})", block[key])
    file = block.get("file")
    places = tuple(file) if isinstance(file, list | tuple) else (file,)
    if not places or not all(isinstance(p, str) and p for p in places):
        raise wrong(
            f"{option}.file",
            "a column or a path such as masks/{name}.png",
            file,
        )
    if kind != "mask" and len(places) > 1:
        raise wrong(f"{option}.file", "one column or path", file)
    known = f"known:{name}"
    fields = tuple(f"{name}.{i}" for i in range(len(places)))
    target = _target(name, block, fields, known, option)
    return MapTask(target, places, fields, known, 3 if kind == "normals" else 1)


def _target(
    name: str,
    block: Mapping[str, Any],
    fields: tuple[str, ...],
    known: str,
    option: str,
) -> Target:
    kind = block["kind"]
    if kind == "mask":
        return MaskMaps(TaskSpec(name, "mask", len(fields)), fields, known)
    if kind == "depth":
        scale = block.get("scale", 1.0)
        is_number = isinstance(scale, int | float) and scale > 0
        if not is_number or isinstance(scale, bool):
            raise wrong(f"{option}.scale", "a number above 0", scale)
        spec = TaskSpec(name, "depth", 1)
        return DepthMap(spec, fields[0], float(scale))
    if kind == "normals":
        return NormalMap(TaskSpec(name, "normals", 3), fields[0])
    count, names = _classes(block.get("classes"), option)
    ignored = tuple(block.get("ignore", (255,)))
    if not all(isinstance(i, int) and 0 <= i < 256 for i in ignored):
        raise wrong(f"{option}.ignore", "a list of ids in 0..255", ignored)
    classes = [i for i in range(count + len(ignored)) if i not in ignored]
    table = id_table({v: i for i, v in enumerate(classes[:count])}, ignored)
    spec = TaskSpec(name, "segmentation", count, names)
    return PartialMap(ClassMap(spec, fields[0], tuple(table)), known)


def _classes(value: Any, option: str) -> tuple[int, tuple[str, ...] | None]:
    if isinstance(value, list | tuple):
        return len(value), tuple(str(name) for name in value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value, None
    raise wrong(f"{option}.classes", "a number, or a list of names", value)
