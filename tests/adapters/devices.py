"""A data-parallel objective in one of several processes; prints its numbers as JSON.

python devices.py DEVICES [PROCESSES RANK PORT]
"""

from __future__ import annotations

import json
import sys

import jax
import jax.numpy as jnp
import numpy as np

import koubai as kb

RNG = np.random.default_rng(5)
X = RNG.normal(size=(203, 7)).astype(np.float32)  # 203: no number of devices divides it
T = RNG.integers(0, 3, 203)
PARAMS = {
    "w": RNG.normal(size=(7, 4)).astype(np.float32),
    "v": RNG.normal(size=(4, 3)).astype(np.float32),
}


def losses(params, x, t):
    z = jnp.tanh(x @ params["w"]) @ params["v"]
    return jax.nn.logsumexp(z, axis=1) - jnp.take_along_axis(z, t[:, None], axis=1)[:, 0]


def numbers():
    objective = kb.data_parallel(losses, PARAMS, (X, T), batch_size=9)
    v = np.linspace(-1, 1, objective.start.size)
    plane = kb.Plane.random(objective, seed=3)
    gradient = kb.landscape(objective, plane, (3, 4), metric="gradient", progress=False)
    path = kb.descend(objective, learning_rate=0.3, steps=12)
    return {
        "devices": objective.mesh.size,
        "value": objective.value(objective.start),
        "gradient": objective.gradient(objective.start).tolist(),
        "product": objective.hessian_product(objective.start)(v).tolist(),
        "heights": gradient.heights.tolist(),
        "slopes": gradient.values.tolist(),
        "end": path.points[-1].tolist(),
        "how": path.gradient,
        "top": kb.curvature(objective, k=2, probes=2, steps=5).top.tolist(),
        "facts": {name: gradient.about[name] for name in ("examples", "devices", "digest")},
    }


if __name__ == "__main__":
    devices, processes, rank, port = (*map(int, sys.argv[1:]), 1, 0, 0)[:4]
    jax.config.update("jax_num_cpu_devices", devices)
    if processes > 1:
        jax.distributed.initialize(f"127.0.0.1:{port}", processes, rank)
    print(json.dumps(numbers()))
