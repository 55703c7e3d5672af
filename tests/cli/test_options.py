import click
from click.testing import CliRunner

from keras_mtl.cli import options
from keras_mtl.cli.settings import Settings


@click.command()
@options.overrides
@options.common
@click.pass_obj
def command(settings, overrides, seed):
    click.echo(f"{settings} {overrides} {seed}")


def test_flags_end_up_in_the_settings():
    settings = Settings()
    arguments = [
        "--quiet",
        "--debug",
        "--no-plugins",
        "--seed",
        "3",
        "--set",
        "a=1",
        "--set",
        "b=2",
    ]
    result = CliRunner().invoke(command, arguments, obj=settings)
    assert settings == Settings(quiet=True, debug=True, plugins=False)
    assert result.output.strip().endswith("('a=1', 'b=2') 3")
