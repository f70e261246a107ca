"""The step-by-step path: timelines played through intake and perform, for small runs."""

from datetime import timedelta

from cases import actors, receipts, worlds
from cases.intake import Submission, intake
from cases.transitions import TRANSITIONS
from cases.workflow import perform
from simulation import automaton, texts


def play(world, seed, letters):
    """Play letters' timelines into a sealed, empty world, step by step, in the order of time.

    letters: list of (arrival, timeline). One transaction: all letters, or none.
    Raises: Refusal if the table or a guard forbids a step; WorldRefused.
    """
    written = dict(
        zip(
            [arrival.number for arrival, _timeline in letters],
            texts.compose_arrivals(seed, [arrival for arrival, _timeline in letters]),
            strict=True,
        )
    )
    steps = [
        (at, arrival.number, seq, arrival, action, fields)
        for arrival, timeline in letters
        for seq, (at, action, fields) in enumerate(timeline)
    ]
    steps.sort(key=lambda step: step[:3])
    with worlds.enter(world):
        for at, number, _seq, arrival, action, fields in steps:
            moment = world.starts_at + timedelta(seconds=at)
            if action == "receive":
                _receive(arrival, written[number], moment)
            else:
                _perform(number, action, moment, dict(fields))


def _receive(arrival, words, at):
    title, body, place = words
    intake(
        Submission(
            mailbox=arrival.mailbox,
            kind=arrival.kind,
            category=arrival.category,
            title=title,
            body=body,
            place=place,
            confidential=arrival.confidential,
            emergency=arrival.emergency,
            channel="simulation",
            writer_number=arrival.writer_number,
        ),
        actor=actors.simulated("citizen"),
        at=at,
        letter_id=arrival.number,
    )


def _perform(number, action, at, fields):
    role = fields.pop("by", None) or automaton.default_role(TRANSITIONS[action])
    if "into" in fields:
        fields["into"] = receipts.run_receipt(worlds.current().mark, fields["into"])
    perform(number, action, actor=actors.simulated(role), at=at, **fields)
