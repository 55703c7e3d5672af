"""The JSON Schema of a configuration, for editors."""

from __future__ import annotations

import inspect
from typing import Any

from keras_mtl.config.components import default_of, nested_kinds
from keras_mtl.config.registry import names, resolve
from keras_mtl.config.schema import RunConfig
from keras_mtl.config.signature import options, options_model

_BLOCKS = {
    "data": "datasets",
    "model": "models",
    "trainer": "trainers",
    "optimizer": "optimizers",
    "pipeline": "pipelines",
}
_KINDS = (
    *_BLOCKS.values(),
    "aggregators",
    "weightings",
    "losses",
    "metrics",
    "callbacks",
    "schedules",
)


def json_schema() -> dict[str, Any]:
    """The schema of configuration files, with every component's options.

    Returns:
        JSON Schema, draft 2020-12, as plain values.
    """
    schema = RunConfig.model_json_schema()
    properties, definitions = schema["properties"], schema["$defs"]
    for key, kind in _BLOCKS.items():
        properties[key] = _block(properties[key], kind)
    properties["pipeline"] = _or_none(properties["pipeline"])
    task = definitions["TaskConfig"]["properties"]
    task["loss"] = _block(task["loss"], "losses")
    task["metrics"]["items"] = {"$ref": "#/$defs/metrics"}
    properties["callbacks"]["items"] = {"$ref": "#/$defs/callbacks"}
    properties["extends"] = {
        "type": "string",
        "description": "A configuration to start from: a file beside this "
        "one, or the name of a preset.",
    }
    for kind in _KINDS:
        definitions[kind] = _any_of(kind)
        for component in definitions[kind]["anyOf"]:
            # References start at the root.
            definitions.update(component.pop("$defs", {}))
    # What is extended may hold the blocks that this file leaves out.
    schema.pop("required", None)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema


def _block(known: dict[str, Any], kind: str) -> dict[str, Any]:
    kept = {key: known[key] for key in known if key == "description"}
    return {"$ref": f"#/$defs/{kind}", **kept}


def _or_none(block: dict[str, Any]) -> dict[str, Any]:
    reference = {"$ref": block.pop("$ref")}
    return {"anyOf": [reference, {"type": "null"}], **block}


def _any_of(kind: str) -> dict[str, Any]:
    """A name alone, a registered component, or one from elsewhere."""
    registered = [_component(kind, name) for name in names(kind)]
    anywhere = {
        "type": "object",
        "properties": {"name": {"type": "string", "pattern": ":|\\."}},
        "required": ["name"],
    }
    return {"anyOf": [{"type": "string"}, *registered, anywhere]}


def _component(kind: str, name: str) -> dict[str, Any]:
    component = resolve(kind, name)
    nested = nested_kinds(kind)
    model = options_model(component, kind, tuple(nested))
    schema = model.model_json_schema(by_alias=True)
    known = schema.get("properties", {})
    properties: dict[str, Any] = {"name": {"const": name}}
    for option in options(component, kind):
        known_option = known.get(option.name, {})
        known_option.pop("title", None)
        if option.name in nested:
            known_option = _or_component(option.annotation, nested[option.name])
        if not option.required:
            known_option["default"] = default_of(option, kind, 0)
        properties[option.name] = known_option
    text = (inspect.getdoc(component) or "").partition("\n")[0]
    required = ["name", *schema.get("required", [])]
    return {
        "type": "object",
        "description": text,
        "properties": properties,
        # A file that extends another may give only what differs.
        "required": required[:1],
        "additionalProperties": False,
        **({"$defs": schema["$defs"]} if "$defs" in schema else {}),
    }


def _or_component(annotation: Any, kind: str) -> dict[str, Any]:
    plain = {"type": "number"} if annotation is float else {"type": "null"}
    return {"anyOf": [plain, {"$ref": f"#/$defs/{kind}"}]}
