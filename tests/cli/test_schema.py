import json


def test_it_is_a_json_schema(run):
    schema = json.loads(run("schema").stdout)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert "trainer" in schema["properties"]
