"""How much the playground takes on: beyond it, it refuses and says so."""

from __future__ import annotations

# Of a network: layers of hidden units, units of one layer, parameters in all, examples of a
# mini-batch.
MOST_LAYERS, MOST_UNITS, MOST_PARAMETERS, MOST_BATCH = 8, 2000, 2_000_000, 10_000
# Of those whose every gradient is found by differences as well.
MOST_DIFFERENCES = 100_000
# Networks of different form whose compiled steps are kept, some 14 MiB each.
MOST_COMPILED = 24
# Of the benches with points; of any name; and numbers of an input that is drawn by hand.
MOST_POINTS, LONGEST_NAME, MOST_DRAWN = 200, 200, 20_000
# What was done to a network, as a link brings it.
MOST_ACTS = 10_000
# Iterations that are asked for at a time, by a link as well: a running network has no such limit.
MOST_ITERATIONS = 5_000_000
# Steps that a descent on a surface takes.
MOST_STEPS = 1000
# Bytes of a request, and requests that wait to be answered.
LONGEST_REQUEST, MOST_WAITING = 2_000_000, 64
# Pages that are open, or may come back, at a time.
MOST_SESSIONS = 8
