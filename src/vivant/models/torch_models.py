"""What all torch models share: device, precision, and errors that say what to do."""

from __future__ import annotations

import importlib
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from vivant.errors import MissingExtraError, ModelError

DtypeName = Literal["auto", "float32", "float16", "bfloat16"]

_NO_MEMORY = ("out of memory", "not enough memory", "can't allocate memory")


def pick_device(device: str, purpose: str) -> Any:
    """A torch device; "auto" is CUDA where there is one, else Apple's MPS, else the CPU.

    Raises:
        MissingExtraError: torch is not installed.
        ModelError: no such device here.
    """
    try:
        import torch
    except ImportError as error:
        raise MissingExtraError("torch", "models", purpose) from error
    if device == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"device {device!r} cannot be used here ({reason}): try auto or cpu") from error
    return torch.device(device)


def pick_dtype(name: DtypeName, device: Any) -> Any:
    """A torch dtype; "auto" is float16 on a GPU and float32 on a CPU."""
    import torch

    if name == "auto":
        return torch.float32 if device.type == "cpu" else torch.float16
    return getattr(torch, name)


def one_thread_if_small(small: bool, device: Any) -> None:
    """Let a small model on a CPU run on one thread, unless OMP_NUM_THREADS says otherwise.

    It gains little from more, and where the processors are busy they cost several times over.
    """
    import torch

    if small and device.type == "cpu" and "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(1)


@contextmanager
def explained(model: str, *, advice: str, memory_advice: str) -> Iterator[None]:
    """Turn what libraries raise while loading or running a model into a `ModelError`.

    Args:
        model: its id or folder, for the message.
        advice: what to do when weights cannot be found or read.
        memory_advice: which settings lower the memory.

    Raises:
        MissingExtraError: a library is not installed.
        ModelError: no weights, broken weights, or no memory.
    """
    try:
        yield
    except ImportError as error:
        raise MissingExtraError(error.name or "a library", "models", model) from error
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise ModelError(f"{model}: cannot be loaded ({_first_line(error)}): {advice}") from error
    except (RuntimeError, MemoryError) as error:
        text = str(error).lower()
        if isinstance(error, MemoryError) or any(words in text for words in _NO_MEMORY):
            raise ModelError(f"{model}: not enough memory: {memory_advice}") from error
        raise ModelError(f"{model}: {_first_line(error)}") from error
    except Exception as error:
        # Broken safetensors and a hub that cannot be reached come as classes of libraries that may not be installed.
        if type(error).__module__.partition(".")[0] in ("safetensors_rust", "safetensors", "huggingface_hub", "httpx"):
            raise ModelError(f"{model}: cannot be loaded ({_first_line(error)}): {advice}") from error
        raise


@contextmanager
def quiet(*libraries: str) -> Iterator[None]:
    """Keep the advice that diffusers and transformers log to developers off the user's screen; errors come through.

    Args:
        libraries: "diffusers", "transformers", where installed.
    """
    loggers = [importlib.import_module(f"{library}.utils.logging") for library in libraries]
    before = [logger.get_verbosity() for logger in loggers]
    try:
        for logger in loggers:
            logger.set_verbosity_error()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            yield
    finally:
        for logger, verbosity in zip(loggers, before, strict=True):
            logger.set_verbosity(verbosity)


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
