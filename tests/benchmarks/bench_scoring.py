"""What scoring costs: time and peak memory, each measurement in a process of its own on one core.

`python -m tests.benchmarks.bench_scoring` measures everything, with a name after it that one alone. The comparison with
MCMC makes itself an environment with numpyro under .data/bench-venv at the first run; VOTUM_BENCH_MCMC=0 leaves it out.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BENCH_VENV = ROOT / ".data" / "bench-venv"
NUMPYRO = "numpyro==0.22.0"
# Two threads on two busy cores are slower than one, and nobody can repeat the figure.
ONE_CORE = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}

STATISTICS = [f"scoring.{name}" for name in ("calibrate", "reml", "agreement", "warnings")]

Figure = tuple[str, float, str]

# The model of scoring.calibrate for NUTS: 4 chains of 5,000 draws bring expected ranks to within some hundredths of the
# exact ones. The second run counts, so that compiling does not.
MCMC = """
import json, sys, time
import jax, jax.numpy as jnp, numpy as np, numpyro
import numpyro.distributions as dist
from numpyro.infer import MCMC, NUTS
panel = json.load(sys.stdin)
y, row, column = (jnp.array(panel[name]) for name in ("y", "row", "column"))
span, proposals, reviewers = panel["span"], panel["proposals"], panel["reviewers"]
def model():
    tau = numpyro.sample("tau", dist.Uniform(1e-6, 0.4 * span))
    sigma = numpyro.sample("sigma", dist.Uniform(1e-6, 0.4 * span))
    taste = numpyro.sample("taste", dist.Uniform(1e-6, 0.4 * span))
    z = numpyro.sample("z", dist.Normal(0, 1).expand([proposals]))
    theta = numpyro.deterministic("theta", tau * z)
    nu = numpyro.sample("nu", dist.Normal(0, 0.1 * span).expand([reviewers]))
    numpyro.sample("y", dist.Normal(theta[row] + nu[column], jnp.sqrt(sigma**2 + taste**2)), obs=y)
chains = {"num_warmup": 1000, "num_samples": 5000, "num_chains": 4, "chain_method": "vectorized"}
mcmc = MCMC(NUTS(model), progress_bar=False, **chains)
mcmc.run(jax.random.PRNGKey(0))
begun = time.perf_counter()
mcmc.run(jax.random.PRNGKey(1))
theta = np.asarray(mcmc.get_samples()["theta"])
ranks = (-theta).argsort(axis=1).argsort(axis=1) + 1
print(json.dumps({"seconds": time.perf_counter() - begun, "ranks": ranks.mean(axis=0).tolist()}))
"""


def main(wanted: Iterable[str] = ()) -> None:
    """Measures the named things, or all, and prints a line a figure: name, value, unit, with tabs between."""
    for name in list(wanted) or MEASUREMENTS:
        command = [sys.executable, "-m", "tests.benchmarks.bench_scoring", "--here", name]
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, **ONE_CORE}, capture_output=True, text=True)
        sys.stderr.write(done.stderr)
        sys.stdout.write(done.stdout if done.returncode == 0 else f"{name}\tfailed\texit {done.returncode}\n")
        sys.stdout.flush()


def measure_here(name: str) -> None:
    """One measurement in this process, and the most memory it has used."""
    try:
        figures = MEASUREMENTS[name]()
    except ImportError as missing:
        print(f"{name}\tskipped\t{missing}")
        return
    for figure, value, unit in [*figures, (f"{name}_peak", peak(), "MB")]:
        print(f"{figure}\t{value:.4g}\t{unit}")


def peak() -> float:
    """Greatest resident memory of this process in MB; where /proc tells, without what its parent had."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        if "VmHWM" in lines:
            return int(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def best_of(times: int, work: Callable[[], Any]) -> float:
    """Seconds of the fastest of several runs."""
    seconds = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


def imports() -> list[Figure]:
    """What the package costs a process beyond pandas: itself, the modules of this bench, and with all of scipy."""
    import_module("pandas")
    seconds = []
    for names in (["scoring"], STATISTICS, [f"scoring.{one.name}" for one in iter_modules([str(ROOT / "scoring")])]):
        begun = time.perf_counter()
        for name in names:
            import_module(name)
        seconds.append(time.perf_counter() - begun)
    package, statistics, everything = seconds
    return [
        ("import_scoring", package, "s"),
        ("import_scoring_statistics", package + statistics, "s"),
        ("import_scoring_everything", package + statistics + everything, "s"),
    ]


def expected_ranks_15x3() -> list[Figure]:
    """All of `calibrate` on 15 proposals by 3 reviewers, against NUTS on the same model and totals."""
    from scoring.advice.calibrate import calibrate

    frame = panel(15, 3, 3)
    calibrate(frame, scale=(1, 7))
    ours = best_of(20, lambda: calibrate(frame, scale=(1, 7)))
    figures = [("expected_ranks_15x3", 1000 * ours, "ms")]
    theirs = mcmc(frame)
    if theirs is not None:
        found = calibrate(frame, scale=(1, 7)).proposals.sort_values("proposal")["expected_rank"]
        apart = max(abs(one - other) for one, other in zip(found, theirs["ranks"], strict=True))
        figures += [("mcmc_15x3", theirs["seconds"], "s"), ("mcmc_15x3_difference", apart, "ranks")]
        figures += [("mcmc_15x3_ratio", theirs["seconds"] / ours, "times")]
    return figures


def mcmc(frame: Any) -> dict[str, Any] | None:
    """Seconds and expected ranks by NUTS in its own environment; None, and a line that says so, without it."""
    python = bench_python()
    if python is None:
        print("mcmc_15x3\tskipped\tnumpyro is not there")
        return None
    proposals, row = sorted_codes(frame["proposal"])
    reviewers, column = sorted_codes(frame["reviewer"])
    mean = frame.groupby("proposal")["total"].mean().mean()
    data = {"y": (frame["total"] - mean).tolist(), "row": row, "column": column, "span": 6}
    sent = json.dumps({**data, "proposals": proposals, "reviewers": reviewers})
    done = subprocess.run([python, "-c", MCMC], input=sent, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def sorted_codes(ids: Any) -> tuple[int, list[int]]:
    """How many different ids there are, and the place of each in their order."""
    different = sorted(set(ids))
    return len(different), [different.index(one) for one in ids]


def bench_python() -> Path | None:
    """The interpreter of the environment with numpyro, made if it is not there yet; None where that fails."""
    python = BENCH_VENV / "bin" / "python"
    if os.environ.get("VOTUM_BENCH_MCMC") == "0":
        return None
    if python.exists():
        return python
    print(f"installing {NUMPYRO} into {BENCH_VENV.relative_to(ROOT)}, once", file=sys.stderr)
    made = subprocess.run([sys.executable, "-m", "venv", str(BENCH_VENV)], capture_output=True)
    command = [str(python), "-m", "pip", "install", "-q", "--only-binary", ":all:", NUMPYRO]
    if made.returncode == 0 and subprocess.run(command, stdout=sys.stderr).returncode == 0:
        return python
    shutil.rmtree(BENCH_VENV, ignore_errors=True)
    return None


def totals_500k() -> list[Figure]:
    """500,000 scores (10,000 proposals x 5 x 10 criteria, mixed) to totals, against a weighted sum in bare numpy."""
    import numpy as np
    import pandas as pd

    from scoring import Scheme, review_totals

    random, criteria, weights = np.random.default_rng(0), 10, np.array([1.0, 2, 3, 1, 2, 3, 1, 2, 3, 1])
    proposal = np.repeat(np.arange(10_000), 5 * criteria)
    reviewer = np.repeat(np.concatenate([random.choice(2000, 5, replace=False) for _ in range(10_000)]), criteria)
    criterion, mixed = np.tile(np.arange(criteria), 50_000), random.permutation(500_000)
    proposal, reviewer, criterion = proposal[mixed], reviewer[mixed], criterion[mixed]
    value = random.integers(0, 6, 500_000).astype(float)
    scheme = Scheme.from_document(weighted_scheme(weights.astype(int).tolist()))
    names = np.array([f"k{c}" for c in range(criteria)], dtype=object)[criterion]
    scores = pd.DataFrame({"proposal": proposal, "reviewer": reviewer, "criterion": names, "value": value})
    scores = scores.astype({"criterion": "category"})
    text = scores.assign(
        proposal=scores["proposal"].map("P{:05}".format), reviewer=scores["reviewer"].map("R{}".format)
    )

    def bare() -> Any:
        sheet = np.unique(proposal * 2000 + reviewer, return_inverse=True)[1]
        return np.bincount(sheet, weights=weights[criterion] * value)

    if not np.allclose(bare(), review_totals(scheme, scores)["total"]):
        raise AssertionError("the two weighted sums differ")
    numpy, ours = best_of(7, bare), best_of(7, lambda: review_totals(scheme, scores))
    return [
        ("totals_500k", ours, "s"),
        ("totals_500k_numpy", numpy, "s"),
        ("totals_500k_ratio", ours / numpy, "times"),
        ("totals_500k_text_keys", best_of(3, lambda: review_totals(scheme, text)), "s"),
    ]


def weighted_scheme(weights: list[int]) -> dict[str, Any]:
    """A scheme of marks from 0 to 5 with these weights."""
    scale = {"min": 0, "max": 5, "step": 1}
    return {
        "schema": "rating-scheme/1",
        "key": "bench",
        "title_de": "Messung",
        "title_en": "Measurement",
        "criteria": [
            {"key": f"k{c}", "label_de": f"k{c}", "type": "scale", "scale": scale, "weight": weight}
            for c, weight in enumerate(weights)
        ],
        "aggregation": {"across_raters": "mean", "total": "weighted_sum"},
        "total": {"max": 5 * sum(weights)},
        "ranking": {"order": "desc"},
    }


def assign_500x60() -> list[Figure]:
    """Three of 60 reviewers for each of 500 proposals, 20 to 30 each, two in a hundred pairs in conflict."""
    import numpy as np
    import pandas as pd

    from scoring.assignment import assign

    random = np.random.default_rng(0)
    proposals, reviewers = [f"P{i:03}" for i in range(500)], [f"R{j:02}" for j in range(60)]
    pairs = pd.MultiIndex.from_product([proposals, reviewers], names=["proposal", "reviewer"]).to_frame(index=False)
    affinity = pairs.assign(affinity=random.random(len(pairs)).round(3))
    conflicts = pairs[random.random(len(pairs)) < 0.02]
    frames = pd.DataFrame({"proposal": proposals}), pd.DataFrame({"reviewer": reviewers})

    def work() -> Any:
        return assign(*frames, conflicts, per_proposal=3, load=(20, 30), affinity=affinity)

    return [("assign_500x60", best_of(3, work), "s"), ("assign_500x60_objective", work().objective, "affinity")]


def two_way_500x60() -> list[Figure]:
    """All of `calibrate` with rank intervals: 500 proposals, 60 reviewers, four ratings each."""
    from scoring.advice.calibrate import calibrate

    frame = panel(500, 60, 4)
    return [("two_way_500x60", best_of(3, lambda: calibrate(frame, scale=(1, 7), top=100)), "s")]


def two_way_1000x60() -> list[Figure]:
    """The same for the largest call that the pages are measured with."""
    from scoring.advice.calibrate import calibrate

    frame = panel(1000, 60, 3)
    return [("two_way_1000x60", best_of(2, lambda: calibrate(frame, scale=(1, 7), top=100)), "s")]


def reml_10000x2000() -> list[Figure]:
    """REML with its effects: 10,000 proposals, 2,000 reviewers, five ratings each."""
    from scoring.advice.reml import reml

    frame = panel(10_000, 2000, 5, whole=False)
    return [("reml_10000x2000", best_of(1, lambda: reml(frame)), "s")]


def panel(proposals: int, reviewers: int, each: int, whole: bool = True) -> Any:
    """Totals on 1 to 7 from a fixed seed, or, not `whole`, without any limits."""
    import numpy as np

    from tests.scoring.panels import drawn

    return drawn(np.random.default_rng(1), proposals, reviewers, each, whole=whole)[0]


MEASUREMENTS: dict[str, Callable[[], list[Figure]]] = {
    one.__name__: one
    for one in (
        imports,
        expected_ranks_15x3,
        totals_500k,
        assign_500x60,
        two_way_500x60,
        two_way_1000x60,
        reml_10000x2000,
    )
}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--here"]:
        measure_here(sys.argv[2])
    else:
        main(sys.argv[1:])
