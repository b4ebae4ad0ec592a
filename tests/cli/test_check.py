from __future__ import annotations

# With all weights into them at zero, the hidden units lie on the kink of relu.
ON_THE_KINK = ("--hidden=relu", "--initialiser=zeros,he", "--layers=4")


def test_digits_pass(cli):
    result = cli("check", "digits")
    assert (result.code, result.err) == (0, "")
    for layer in ("layer 2 w", "layer 2 b", "layer 3 w", "layer 3 b"):
        assert layer in result.out
    assert "agrees" in result.out
    assert "\x1b" not in result.out


def test_json(cli):
    result = cli("check", "digits", "--layers=6,5", "--hidden=tanh", "--examples=7", "--json").json
    assert result["passed"] is True
    assert result["network"]["sizes"] == [64, 6, 5, 10]
    assert result["network"]["activations"] == ["tanh", "tanh", "softmax"]
    assert result["examples"] == 7
    assert len(result["differences"]) == 6
    assert all(0 < d["relative_error"] < result["tolerance"] for d in result["differences"])


def test_values(cli):
    assert cli("check", "line", "--layers=4", "--json").json["passed"] is True


def test_a_table_with_a_target(cli, houses):
    result = cli("check", houses, "--target=side", "--layers=3", "--json").json
    assert result["network"]["sizes"] == [2, 3, 2]


def test_loss_output_and_seed_are_used(cli):
    base = ("check", "moons", "--layers=3", "--json")
    results = [
        cli(*base, *more).json
        for more in ((), ("--loss=squared_error",), ("--output=sigmoid",), ("--seed=1",))
    ]
    assert all(result["passed"] for result in results)
    assert len({str(result["differences"]) for result in results}) == 4


def test_a_difference_exits_1(cli):
    result = cli("check", "digits", *ON_THE_KINK)
    assert result.code == 1
    assert "differs" in result.out
    assert cli("check", "digits", *ON_THE_KINK, "--json").json["passed"] is False
