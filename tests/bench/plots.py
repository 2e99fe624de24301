"""The plots: one SVG for each part that has something to show, the same bytes for the same figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt  # after the choice of what draws
from matplotlib.axes import Axes

_STYLE: Any = {"svg.fonttype": "none", "svg.hashsalt": "focusweek", "font.size": 9, "axes.spines.top": False,
          "axes.spines.right": False, "figure.constrained_layout.use": True}  # fmt: skip
_OURS, _THEIRS, _LIGHT = "#12507b", "#9aa5b1", "#7fb2d6"
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def draw(parts: dict[str, Any], directory: Path) -> list[str]:
    """Draw what there are figures for; return the files' names."""
    drawn = []
    for name, plot in _PLOTS.items():
        if name in parts and parts[name]["runs"]:
            with mpl.rc_context(_STYLE):
                plot(parts[name])
                plt.savefig(directory / f"{name}.svg", metadata={"Date": None})
                plt.close()
            drawn.append(f"{name}.svg")
    return drawn


def _throughput(part: dict[str, Any]) -> None:
    delays = sorted({run["delay_ms"] for run in part["runs"]}, reverse=True)
    _, panels = plt.subplots(1, len(delays), figsize=(9, 3.4), squeeze=False)
    for axes, delay in zip(panels[0], delays, strict=True):
        runs = [run for run in part["runs"] if run["delay_ms"] == delay]
        labels = [f"{_NAMES[run['database']]}\n{run['threads']} threads" for run in runs]
        for shift, key, color, said in ((-0.2, "bare_per_second", _THEIRS, "bare httpx loop"),
                                        (0.2, "per_second", _OURS, "Focusweek, everything")):  # fmt: skip
            _bars(axes, shift, [run[key] for run in runs], color, said)
        axes.set_xticks(range(len(labels)), labels, fontsize=7)
        axes.set_title(f"the server answers in {delay} ms" if delay else "the server answers at once")
    panels[0][0].set_ylabel("posts a second")
    panels[0][0].legend(frameon=False)


def _bars(axes: Axes, shift: float, spreads: list[dict[str, Any]], color: str, label: str) -> None:
    medians = [spread["median"] for spread in spreads]
    errors = [
        [spread["median"] - spread["lowest"] for spread in spreads],
        [spread["highest"] - spread["median"] for spread in spreads],
    ]
    places = [place + shift for place in range(len(spreads))]
    axes.bar(places, medians, 0.38, yerr=errors, color=color, label=label, error_kw={"linewidth": 0.8})


def _single(part: dict[str, Any]) -> None:
    _, axes = plt.subplots(figsize=(6, 2.6))
    for shift, name, color in ((-0.27, "p50", _LIGHT), (0.0, "p99", _OURS), (0.27, "max", _THEIRS)):
        places = [place + shift for place in range(len(part["runs"]))]
        bars = axes.bar(places, [run["lateness_ms"][name] for run in part["runs"]], 0.25, color=color, label=name)
        axes.bar_label(bars, fmt="%.0f", fontsize=8)
    axes.set_xticks(range(len(part["runs"])), [_NAMES[run["database"]] for run in part["runs"]])
    axes.set_ylabel("ms after the due instant")
    axes.legend(frameon=False)


def _scale(part: dict[str, Any]) -> None:
    shown = (("idle_tick_ms", "idle tick, ms"), ("next_due_ms", "next due, ms"), ("claim_tick_ms", "claiming tick, ms"),
             ("memory_mb", "memory, MB"))  # fmt: skip
    _, panels = plt.subplots(1, len(shown), figsize=(11, 2.9))
    for axes, (key, title) in zip(panels, shown, strict=True):
        for kind, color in (("sqlite", _OURS), ("postgresql", _LIGHT)):
            for analyzed, line in ((True, "-"), (False, ":")):
                runs = [r for r in part["runs"] if r["database"] == kind and r["analyzed"] is analyzed]
                if runs:
                    label = f"{_NAMES[kind]}{'' if analyzed else ', not analyzed'}"
                    medians = [run[key]["median"] for run in runs]
                    axes.plot([run["pending"] for run in runs], medians, line, marker="o", color=color, label=label)
        axes.set(xscale="log", title=title, xlabel="pending")
        axes.set_ylim(bottom=0)
    # Memory hardly grows: below its lines there is room.
    panels[-1].legend(frameon=False, fontsize=7, loc="lower left")


def _alternatives(part: dict[str, Any]) -> None:
    runs = part["runs"][::-1]
    labels = [f"{run['what']}\n{_NAMES.get(run['on'], 'on ' + run['on'])}" for run in runs]
    colors = [_OURS if run["what"] == "Focusweek" else _THEIRS for run in runs]
    _, (rates, lates) = plt.subplots(1, 2, figsize=(9, 0.5 * len(runs) + 1), sharey=True)
    bars = rates.barh(labels, [run["per_second"]["median"] for run in runs], color=colors)
    rates.bar_label(bars, fmt="%.0f", fontsize=8)
    rates.set_title(f"posts a second ({part['threads']} threads)")
    bars = lates.barh(labels, [run["p99"]["median"] / 1000 for run in runs], color=colors)
    lates.bar_label(bars, fmt="%.1f", fontsize=8)
    lates.set_title(f"p99 lateness of {part['posts']:,} at once, s")


_PLOTS: dict[str, Callable[[dict[str, Any]], None]] = {
    "throughput": _throughput,
    "single": _single,
    "scale": _scale,
    "alternatives": _alternatives,
}
