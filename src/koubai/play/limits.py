"""How much the playground takes on: beyond it, it refuses and says so."""

from __future__ import annotations

# Of a network: layers of hidden units, units of one layer, parameters in all, examples of a
# mini-batch.
MOST_LAYERS, MOST_UNITS, MOST_PARAMETERS, MOST_BATCH = 8, 2000, 2_000_000, 10_000
# Of the benches with points and formulas.
MOST_POINTS, LONGEST_FORMULA, LONGEST_NAME = 200, 1000, 200
# What was done to a network, as a link brings it.
MOST_ACTS = 10_000
# Iterations that are asked for at a time, by a link as well: a running network has no such limit.
MOST_ITERATIONS = 1_000_000
# Steps that a descent on a surface, or of one neuron, takes.
MOST_STEPS = 1000
# Bytes of a request, and requests that wait to be answered.
LONGEST_REQUEST, MOST_WAITING = 300_000, 64
# Pages that are open, or may come back, at a time.
MOST_SESSIONS = 8
