from keras_mtl.config.location import Location, dotted


def test_a_location_reads_as_editors_expect_it():
    assert str(Location("a.yaml", 3, 5)) == "a.yaml:3:5"
    assert str(Location("--seed 1")) == "--seed 1"


def test_a_path_is_dotted_with_indices_in_brackets():
    assert dotted(("trainer", "groups", 0, 1)) == "trainer.groups[0][1]"
    assert dotted(()) == ""
