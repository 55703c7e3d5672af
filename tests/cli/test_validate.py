import yaml


def test_the_resolved_configuration_is_printed_and_loads(run, folder):
    result = run("validate", "multi_digits", "--set", "trainer.aggregator=mgda")
    assert result.exit_code == 0
    resolved = yaml.safe_load(result.stdout)
    assert resolved["trainer"]["aggregator"]["name"] == "mgda"
    assert resolved["optimizer"]["beta_1"] == 0.9
    (folder / "again.yaml").write_text(result.stdout)
    assert yaml.safe_load(run("validate", "again.yaml").stdout) == resolved


def test_problems_are_listed_with_their_places(run, folder):
    (folder / "bad.yaml").write_text(
        "extends: multi_digits\nfit: {epochs: -1}\ntrainer: {nam: shared}\n"
    )
    result = run("validate", "bad.yaml")
    assert result.exit_code == 2
    assert "bad.yaml:2:15: fit.epochs: expected greater" in result.output
    assert "bad.yaml:3:11: trainer.nam: unknown key" in result.output
    assert "Traceback" not in result.output


def test_options_that_no_longer_fit_are_noted(run, folder):
    (folder / "base.yaml").write_text(
        "extends: multi_digits\noptimizer: {name: sgd, nesterov: true}\n"
    )
    result = run("validate", "base.yaml", "--set", "optimizer.name=adam")
    assert result.exit_code == 0
    assert "Note: optimizer.nesterov is left out" in result.stderr
    assert "nesterov" not in result.stdout


def test_quiet_and_no_plugins(run, folder):
    assert run("validate", "multi_digits", "--quiet").output == ""
    result = run(
        "validate", "multi_digits", "--set", "model=os:system", "--no-plugins"
    )
    assert result.exit_code == 2
    assert "--no-plugins forbids" in result.output
