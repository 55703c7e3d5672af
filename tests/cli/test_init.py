from keras_mtl.configs import preset_names, preset_path


def test_the_default_preset_with_its_comments(run, folder):
    result = run("init")
    assert result.exit_code == 0
    text = (folder / "config.yaml").read_text()
    assert text == preset_path("multi_digits").read_text()
    assert run("validate", "config.yaml").exit_code == 0


def test_a_file_is_never_overwritten(run, folder):
    (folder / "config.yaml").write_text("mine")
    result = run("init")
    assert result.exit_code == 2
    assert "exists already" in result.output
    assert (folder / "config.yaml").read_text() == "mine"
    assert run("init", "multi_mnist", "--out", "other.yaml").exit_code == 0
    assert run("init", "--out", "no/such/folder.yaml").exit_code == 2


def test_unknown_presets_get_the_nearest_name(run, folder):
    result = run("init", "multi_mnits")
    assert result.exit_code == 2
    assert "Did you mean 'multi_mnist'" in result.output


def test_the_presets_are_listed(run):
    output = run("init", "--list").output
    assert all(name in output for name in preset_names())
