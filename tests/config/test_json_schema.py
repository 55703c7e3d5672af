import json

import pytest

from keras_mtl.config.json_schema import json_schema
from keras_mtl.config.registry import names

SCHEMA = json_schema()


def test_it_is_json_and_closed():
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert SCHEMA["additionalProperties"] is False
    assert "extends" in SCHEMA["properties"]


@pytest.mark.parametrize(
    "kind", ["datasets", "models", "trainers", "optimizers", "aggregators"]
)
def test_every_component_is_in_it(kind):
    known = {
        option["properties"]["name"].get("const")
        for option in SCHEMA["$defs"][kind]["anyOf"]
        if "properties" in option
    }
    assert known >= set(names(kind))


def test_references_point_somewhere():
    def references(value):
        if isinstance(value, dict):
            if "$ref" in value:
                yield value["$ref"]
            for child in value.values():
                yield from references(child)
        elif isinstance(value, list):
            for child in value:
                yield from references(child)

    for reference in references(SCHEMA):
        assert reference.removeprefix("#/$defs/") in SCHEMA["$defs"]
