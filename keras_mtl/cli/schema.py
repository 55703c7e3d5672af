"""`keras-mtl schema`: the JSON Schema of a configuration."""

from __future__ import annotations

import json

import click

from keras_mtl.cli import options
from keras_mtl.cli.startup import start_keras


@click.command()
@options.common
def command() -> None:
    """Print the JSON Schema of configurations, for editors.

    With a line such as this one at the top of a configuration, editors
    complete and check it:

    # yaml-language-server: $schema=keras-mtl.schema.json
    """
    start_keras()
    from keras_mtl.config.json_schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2))
