"""What a trial of a change says: how much better it is, how sure that is, and what to mind."""

from __future__ import annotations

from annotate.store.machine.trials import Trial
from routing.paired import Difference, by_chance, difference, items_to_tell


def gain(trial: Trial) -> Difference | None:
    """Accuracy with the change minus accuracy without, -1..1, with its 95 % interval; None where
    no item was compared."""
    return difference(trial.items, trial.won, trial.lost) if trial.items else None


def sentences(trial: Trial) -> list[str]:
    """What a trial says, in words."""
    found = gain(trial)
    if found is None:
        return [f"No item was compared: {trial.stopped or 'every call failed'}."]
    n = trial.items
    told = [
        f"Of {n:,} items of known answer the model has {trial.right_before:,} right now "
        f"({trial.right_before / n:.1%}) and {trial.right_after:,} with the change "
        f"({trial.right_after / n:.1%}): {_points(found.estimate)}, 95 % interval "
        f"{100 * found.low:+.1f} to {_points(found.high)} (paired items, score interval of Tango "
        "1998).",
        _split(trial),
        _verdict(trial, found),
        _bias(trial),
    ]
    if trial.failed:
        items = "1 item is" if trial.failed == 1 else f"{trial.failed:,} items are"
        told.append(f"{items} left out because a call failed.")
    if trial.stopped is not None:
        told.append(f"Not all items were asked about: {trial.stopped}.")
    return told


def _split(trial: Trial) -> str:
    chance = by_chance(trial.won, trial.lost)
    often = "fewer than 1%" if chance < 0.01 else f"{chance:.0%}"
    return (
        f"{trial.won:,} became right and {trial.lost:,} wrong; of two equally good prompts "
        f"{often} of trials would be split at least so unevenly (exact McNemar test)."
    )


def _verdict(trial: Trial, found: Difference) -> str:
    if found.low > 0:
        return "The change is better on items like these."
    if found.high < 0:
        return "The change is worse on items like these."
    more = items_to_tell(trial.items, trial.won, trial.lost)
    if more is None:
        return "Nothing speaks for either."
    missing = max(more - trial.items, 1)
    return (
        "This cannot tell which is better: if the shares stayed so, about "
        f"{missing:,} more items of known answer would."
    )


def _bias(trial: Trial) -> str:
    chosen = trial.items - trial.drawn
    if not chosen:
        return "All of these items were drawn at random or came with a known answer."
    return (
        f"{chosen:,} of these items people got because the model was unsure of them: over all "
        "items both do better than here, and the difference is smaller."
    )


def _points(share: float) -> str:
    return f"{100 * share:+.1f} points"
