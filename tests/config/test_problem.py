from keras_mtl.config.location import Location
from keras_mtl.config.problem import Problem, error_of


def test_one_problem_is_one_line():
    problem = Problem(("fit", "epochs"), "too few.", Location("a.yaml", 2, 3))
    assert str(error_of([problem])) == "a.yaml:2:3: fit.epochs: too few."


def test_several_are_counted_and_come_in_the_order_of_the_file():
    problems = [
        Problem(("b",), "late.", Location("a.yaml", 10, 1)),
        Problem(("a",), "early.", Location("a.yaml", 9, 1)),
        Problem((), "nowhere."),
    ]
    lines = str(error_of(problems)).splitlines()
    assert lines[0] == "3 problems in the configuration:"
    assert [line.strip() for line in lines[1:]] == [
        "nowhere.",
        "a.yaml:9:1: a: early.",
        "a.yaml:10:1: b: late.",
    ]
