"""What a page may send, and what becomes of a session that is sent anything else."""

from __future__ import annotations

import json
import random
import time

import pytest

from koubai.play.limits import LONGEST_REQUEST, MOST_SESSIONS, MOST_WAITING
from koubai.play.messages import (
    Advance,
    Network,
    Rewind,
    Run,
    SetNetwork,
    SetSlope,
    Slope,
    TakeAway,
)

TOO_LONG = " " * (LONGEST_REQUEST + 1)
GOOD = {"type": "advance", "number": 1, "steps": 2}


def test_a_page_is_greeted_and_answered_in_order(play, server):
    with play.Client(server, "in-order-0123456789") as page:
        greeting = page.told()
        assert (greeting["type"], greeting["set"], greeting["number"]) == ("hello", False, None)
        numbers = [page.ask(Advance, steps=k) for k in (1, 10, 100)]
        frames = [page.told() for _ in numbers]
        assert [frame["number"] for frame in frames] == numbers
        assert [frame["iteration"] for frame in frames] == [1, 11, 111]


def test_a_request_that_does_not_fit_is_refused_in_both_languages(play, server, capfd):
    with play.Client(server, "refusals-0123456789") as page:
        page.told("hello")
        for formula, en, ja in [
            ("told", "that cannot be", "それはできない"),
            ("refused", "formula is 'refused': give another",
             "できません：formula is 'refused': give another"),
            ("fault", "this is a fault in koubai: ZeroDivisionError: planted",
             "できません：this is a fault in koubai: ZeroDivisionError: planted"),
        ]:  # fmt: skip
            answer = page.answer(SetSlope, slope=Slope(formula=formula))
            assert (answer["type"], answer["why"]) == ("refusal", {"en": en, "ja": ja})
        assert page.answer(SetSlope, slope=Slope(formula="unsendable"))["type"] == "refusal"
        assert page.answer(Advance)["iteration"] == 1
    said = capfd.readouterr().err
    assert "koubai: a fault in the playground" in said
    assert "planted" in said  # where to look is for the terminal,
    assert "give another" not in said  # and what the user can mend is not


def malformed(rng):
    """A message that no page of koubai's sends."""
    wrong = [
        "", "null", "[]", "{}", "3", "advance", "{", '{"type":"advance"}', "\x00", "\ud7ff" * 9,
        "[" * 100_000, '{"a":' * 50_000, '{"type":"advance","number":' + "9" * 5000 + "}",
        *(json.dumps(GOOD | change) for change in (
            {"type": "nothing"}, {"type": None}, {"type": ["advance"]}, {"number": -1},
            {"number": 2**31}, {"number": 1.5}, {"number": "1"}, {"number": None}, {"steps": 0},
            {"steps": 10**9}, {"steps": "1"}, {"steps": True}, {"unit": "year"}, {"more": 1},
            {"__proto__": {}}, {"type": "hello"},
        )),
        json.dumps({"type": "set_network", "number": 1, "network": {"hidden": [10**9]}}),
        json.dumps({"type": "set_network", "number": 1, "network": {"hidden": [3] * 100}}),
        json.dumps({"type": "set_network", "number": 1, "network": {"batch_size": 10**7}}),
        json.dumps({"type": "set_slope", "number": 1, "slope": {"formula": 3}}),
        json.dumps({"type": "change", "number": 1, "name": "seed", "value": 1}),
        '{"type":"change","number":1,"name":"learning_rate","value":NaN}',
        '{"type":"change","number":1,"name":"learning_rate","value":1e999}',
        json.dumps(GOOD)[: rng.randrange(1, 30)],
        "".join(chr(rng.randrange(1, 0xD7FF)) for _ in range(rng.randrange(1, 300))),
    ]  # fmt: skip
    return rng.choice([*wrong, rng.randbytes(rng.randrange(0, 300)), TOO_LONG])


def test_a_thousand_malformed_or_oversized_messages(play, server):
    """Each is refused; one that is too long ends the connection, and no more than that."""
    rng, session = random.Random(7), "malformed-0123456789"  # noqa: S311
    page = play.Client(server, session)
    page.told("hello")
    assert page.answer(Advance)["iteration"] == 1
    closed = 0
    for k in range(1000):
        message = malformed(rng)
        page.socket.send(message)
        if message == TOO_LONG:
            assert page.closed()[0] == 1009
            closed += 1
            page = play.Client(server, session)
            page.told("hello")
        else:
            refusal = page.told()
            assert refusal["type"] == "refusal", message[:100]
            assert refusal["number"] in (None, -1, 1, 2**31)
            assert refusal["why"]["en"]
            assert refusal["why"]["ja"].startswith("できません：")
        if k % 50 == 49:
            assert page.answer(Rewind)["type"] == "frame"
    assert closed > 10
    page.socket.send(json.dumps(GOOD | {"number": 77, "steps": 0}))
    assert page.told()["number"] == 77  # so that who asked is told
    assert page.answer(Advance)["iteration"] == 2  # nothing was lost, and nothing was done
    page.leave()


def test_text_that_is_no_text_ends_the_connection_alone(play, server):
    with play.Client(server, "no-utf-8-0123456789") as page:
        page.answer(Advance)
        page.socket.send(b"\xff\xfe{}", text=True)
        assert page.closed()[0] == 1007
    with play.Client(server, "no-utf-8-0123456789") as page:
        page.told("hello")
        assert page.answer(Advance)["iteration"] == 2


def test_a_page_that_sends_nothing_but_nonsense_is_sent_away(play, server):
    with play.Client(server, "nonsense-0123456789") as page:
        page.told("hello")
        for _ in range(99):
            page.socket.send("nonsense")
        page.ask(Advance)  # a word of sense, and the count begins anew
        for _ in range(100):
            page.socket.send(b"nonsense")
        code, reason = page.closed()
        assert code == 1008
        assert "not understood" in reason
    with play.Client(server, "nonsense-0123456789") as page:
        assert page.told()["type"] == "hello"
        assert page.answer(Advance)["iteration"] == 2


@pytest.mark.parametrize(
    "session",
    ["", "short", "x" * 65, "a-session-with-ä-in-it", "a-session/../../x", "a%0asession" * 2],
)
def test_a_session_is_named_as_it_should_be(play, server, session):
    from websockets.exceptions import InvalidStatus

    with pytest.raises(InvalidStatus) as error:
        play.Client(server, session.replace("ä", "%C3%A4"))
    assert error.value.response.status_code == 400


def test_more_requests_than_may_wait_are_refused_at_once(play):
    with play.serve() as running, play.Client(running) as page:
        page.told("hello")
        first = page.ask(SetSlope, slope=Slope(formula="wait"))
        while not running.benches[0].asked:  # the thread is at it, and nothing waits yet
            pass
        waiting = [page.ask(Advance) for _ in range(MOST_WAITING)]
        refused = [page.ask(Advance) for _ in range(5)]
        for number in refused:
            refusal = page.told()
            assert (refusal["type"], refusal["number"]) == ("refusal", number)
            assert "wait already" in refusal["why"]["en"]
        running.benches[0].go.set()
        assert [page.told()["number"] for _ in waiting] == waiting
        assert page.answer(Advance)["iteration"] == MOST_WAITING + 1
        assert first == 1


def test_who_does_not_read_costs_no_memory(play):
    """A megabyte each, asked for and never fetched: only a few are ever computed."""
    with play.serve() as running, play.Client(running, max_queue=1) as page:
        page.told("hello")  # it would wait too, and one request too many be refused
        for _ in range(MOST_WAITING):
            page.ask(TakeAway, form="json")
        [benches] = running.benches
        before = -1
        while before < 1 or len(benches.asked) != before:
            before = len(benches.asked)
            time.sleep(0.5)
        assert before < 20
        for number in range(1, MOST_WAITING + 1):  # and all of them once they are fetched
            assert page.told("file")["number"] == number


def test_a_second_page_takes_over(play):
    with play.serve() as running, play.Client(running) as first:
        first.ask(SetNetwork, network=Network())
        first.ask(Advance, steps=5)
        first.told("frame", 2)
        with play.Client(running) as second:
            code, reason = first.closed()
            assert code == 4001
            assert "another page" in reason
            greeting, made, frame = (second.told() for _ in range(3))
            assert [part["type"] for part in (greeting, made, frame)] == [
                "hello", "network", "frame"
            ]  # fmt: skip
            assert greeting["set"]
            assert {part["number"] for part in (greeting, made, frame)} == {None}
            assert frame["iteration"] == 5
            assert second.answer(Advance)["iteration"] == 6
        assert len(running.benches) == 1


def name(k):
    return f"session-number-{k:04}"


def test_there_are_only_so_many_sessions(play):
    with play.serve() as running:
        pages = [play.Client(running, name(k)) for k in range(MOST_SESSIONS)]
        for k, page in enumerate(pages):
            page.told("hello")
            page.ask(SetNetwork, network=Network())
            page.ask(Advance, steps=k + 1)
            page.told("frame", 2)
        with play.Client(running, name(100)) as more:
            code, reason = more.closed()
            assert code == 4002
            assert "too many pages" in reason
        # One that runs with its page away is not idle; of the others the first to go is dropped.
        pages[3].ask(Run, on=True)
        pages[3].told("frame", 3)
        for k in (3, 5, 2):
            pages[k].leave()
        with play.Client(running, name(101)) as more:
            assert not more.told("hello")["set"]
            with play.Client(running, name(2)) as back:
                assert back.told("hello")["set"]
            with play.Client(running, name(3)) as back:
                assert back.told("hello")["set"]
            with play.Client(running, name(102)) as another:
                assert another.told()["type"] == "hello"  # in the room of number 2
                with play.Client(running, name(5)) as back:
                    assert back.closed()[0] == 4002
        for page in pages:
            page.leave()
