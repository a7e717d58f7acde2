"""What a run continues from, exactly: weights, optimiser, every source of randomness, and the step.

A state is data: it is written by `torch.save` and read with `weights_only=True`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vivant.errors import ModelError, StoreError
from vivant.models.tensor_files import read_pickle, write_pickle

Source = Any
"""torch.Generator or numpy.random.Generator."""


@dataclass(frozen=True)
class RunState:
    """Everything that changes while a recipe runs.

    Attributes:
        path: of the state's file.
        fingerprint: of the settings and the data; a state of another one is not continued.
        parameters: those that train, by name.
        optimiser: of them.
        sources: the recipe's own generators, by name.
        scaler: of gradients in half precision, where there is one.
    """

    path: Path
    fingerprint: str
    parameters: Mapping[str, torch.nn.Parameter]
    optimiser: Any
    sources: Mapping[str, Source] = field(default_factory=dict)
    scaler: Any = None

    def save(self, step: int, kept: Mapping[str, Any] | None = None) -> None:
        """Write atomically: a killed process leaves the old state or the new one.

        Args:
            step: steps that are done.
            kept: anything else of the recipe's: numbers, words, tensors, lists and tables of them.

        Raises:
            StoreError: it cannot be written.
        """
        write_pickle(
            self.path,
            {
                "fingerprint": self.fingerprint,
                "step": step,
                "parameters": {name: value.detach().cpu() for name, value in self.parameters.items()},
                "optimiser": self.optimiser.state_dict(),
                "sources": {name: _state_of(source) for name, source in self.sources.items()},
                "globals": _globals(),
                "scaler": None if self.scaler is None else self.scaler.state_dict(),
                "kept": dict(kept or {}),
            },
        )

    def load(self) -> tuple[int, dict[str, Any]]:
        """Put everything back as it was.

        Returns:
            Steps that are done, and what else was kept; 0 and nothing where no state is there.

        Raises:
            StoreError: the state is broken, or of other settings, data or parameters.
        """
        if not self.path.is_file():
            return 0, {}
        try:
            found = read_pickle(self.path)
            print_of, names = found["fingerprint"], list(found["parameters"])
        except (ModelError, KeyError, TypeError) as error:
            raise StoreError(f"{self.path}: not a run's state; delete it to start from the beginning") from error
        if print_of != self.fingerprint or names != list(self.parameters):
            raise StoreError(
                f"{self.path}: begun with other settings or data; repeat those, give another -o, or delete the folder"
            )
        with torch.no_grad():
            for name, value in self.parameters.items():
                value.copy_(found["parameters"][name])
        self.optimiser.load_state_dict(found["optimiser"])
        for name, source in self.sources.items():
            _restore(source, found["sources"][name])
        if self.scaler is not None and found["scaler"] is not None:
            self.scaler.load_state_dict(found["scaler"])
        _restore_globals(found["globals"])
        return int(found["step"]), found["kept"]


def _state_of(source: Source) -> Any:
    return source.get_state() if isinstance(source, torch.Generator) else source.bit_generator.state


def _restore(source: Source, state: Any) -> None:
    if isinstance(source, torch.Generator):
        source.set_state(state)
    else:
        source.bit_generator.state = state


def _globals() -> dict[str, Any]:
    """Randomness that libraries draw from without being told where: dropout, for one."""
    name, keys, *rest = np.random.get_state()  # noqa: NPY002
    return {
        "python": random.getstate(),
        "numpy": [name, torch.from_numpy(np.asarray(keys).astype(np.int64)), *rest],
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "mps": torch.mps.get_rng_state() if torch.backends.mps.is_available() else None,
    }


def _restore_globals(found: Mapping[str, Any]) -> None:
    random.setstate(found["python"])
    name, keys, *rest = found["numpy"]
    np.random.set_state((name, keys.numpy().astype(np.uint32), *rest))  # noqa: NPY002
    torch.set_rng_state(found["torch"])
    if torch.cuda.is_available() and len(found["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(found["cuda"])
    if isinstance(found["mps"], Tensor) and torch.backends.mps.is_available():
        torch.mps.set_rng_state(found["mps"])
