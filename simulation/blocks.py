"""Finished letters as arrays: a block of letters, and the events of all of them in a row."""

from dataclasses import dataclass

import numpy as np

from simulation import codes
from simulation.arrivals import Columns


@dataclass(frozen=True)
class Block:
    """Some finished letters, in the order in which they finished.

    letters: their arrivals. The events of letter i stand at start[i]:start[i + 1], in order;
    at: int32 seconds from the scenario's start; action: uint8, said: uint16 and arg: int64
    as in codes.py.
    """

    letters: Columns
    start: np.ndarray
    at: np.ndarray
    action: np.ndarray
    said: np.ndarray
    arg: np.ndarray

    def __len__(self):
        return len(self.letters)

    def timelines(self):
        """Yield (Arrival, timeline) of each letter: what engine.Run.letters yields."""
        coder = codes.Coder(self.letters.scenario)
        events = [column.tolist() for column in (self.at, self.action, self.said, self.arg)]
        for place, arrival in enumerate(self.letters):
            part = slice(self.start[place], self.start[place + 1])
            yield (
                arrival,
                [
                    (
                        at,
                        codes.ACTIONS[action],
                        coder.fields_of(action, said, arg, arrival.number, arrival.category),
                    )
                    for at, action, said, arg in zip(*(e[part] for e in events), strict=True)
                ],
            )
