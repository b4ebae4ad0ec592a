"""A process to be killed: computes a grid into a folder, one point after the other."""

import sys
import time

import numpy as np

import koubai as kb

SIZE = (96, 40)


def grid(pause, out=None):
    def f(x):
        time.sleep(pause)
        return float(np.sin(3 * x[0]) + x[1] * x[0])  # float: nothing for JAX to trace

    plane = kb.Plane.between([0.3, -0.2], [1.1, 0.4], [0.1, 0.9])
    return kb.landscape(kb.objective(f, [0.3, -0.2]), plane, SIZE, out=out)


if __name__ == "__main__":
    grid(float(sys.argv[2]), sys.argv[1])
