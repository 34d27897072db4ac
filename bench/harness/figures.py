"""What was measured: one sample a run and figure, medians at the end."""

import statistics
import sys


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Figures:
    """Samples by name, each with the reference's value from the same run."""

    def __init__(self) -> None:
        self.samples: dict[str, list[tuple[float, float, float]]] = {}
        self.units: dict[str, str] = {}
        self.aims: dict[str, str] = {}

    def add(self, name: str, unit: str, value: float, reference: float, part: float | None = None, aim: str = "") -> None:
        """`part`: what is compared with the reference instead of the value itself. `aim`: told with the medians, never asserted."""
        ratio = (value if part is None else part) / reference if reference else float("nan")
        self.samples.setdefault(name, []).append((value, reference, ratio))
        self.units[name] = unit
        self.aims[name] = f"; the aim is {aim}" if aim else ""
        note(f"  {name}: {value:.6g} {unit}, reference {reference:.6g}, ratio {ratio:.3f}")

    def print(self) -> None:
        for name, samples in self.samples.items():
            value, reference, ratio = (statistics.median(column) for column in zip(*samples))
            ratios = [sample[2] for sample in samples]
            print(f"{name}\t{value:.6g}\t{self.units[name]}\t{reference:.6g}\t{ratio:.3f}", flush=True)
            note(f"  {name}: ratios of {len(ratios)} runs from {min(ratios):.3f} to {max(ratios):.3f}{self.aims[name]}")
