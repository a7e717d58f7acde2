"""One training loop for every pocket model: a fixed time share, resumable at any step, averaged weights at the end."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from vivant.errors import ModelError
from vivant.pocket.run import SHARES, Figures, Run, say, stop_signals

__all__ = ["SHARES", "Figures", "Run", "fit"]

LOG_SECONDS, SAVE_SECONDS, SAMPLE_SECONDS = 10.0, 60.0, 300.0
FINAL_LR = 0.1
"""The cosine ends at this part of the peak learning rate."""
CLIP_NORM = 1.0
SETTLE_SKIP, SETTLE_PART, SETTLE_SECONDS = 3, 0.03, 20.0
"""Throughput is measured after the first steps (allocation, tuning), over 3 % of the share, at most 20 s."""
SAMPLE_PART = 0.05
"""Part of the share that is kept for sample grids."""


def fit(
    run: Run,
    stage: str,
    modules: nn.Module,
    step: Callable[[int], Tensor],
    *,
    lr: float,
    batch: int,
    weight_decay: float = 0.01,
    warmup: int = 100,
    ema: float = 0.999,
    seconds: float | None = None,
    on_sample: Callable[[nn.Module], None] | None = None,
) -> Figures:
    """Train for the stage's time; at the end `modules` holds the averaged (EMA) weights, in eval mode.

    AdamW with warm-up, then a cosine to a tenth; bf16 autocast; gradients clipped to norm 1. The number of steps is
    settled from the throughput of the first steps, revised every minute, and stored, so a resumed run follows the same
    schedule.

    Args:
        run: folder, device, seed.
        stage: name of the state file `state/<stage>.pt`; any name where `seconds` is given.
        modules: on the run's device already; parameters with `requires_grad` train.
        step: number of the step -> loss (a scalar on the device). Draws from `run.generator(stage, number)`.
        lr: peak learning rate.
        batch: pictures a step, for the throughput.
        weight_decay: on parameters of two and more dimensions.
        warmup: steps of the linear warm-up.
        ema: decay of the average, reached by min(ema, (1 + i) / (10 + i)).
        seconds: time share; the stage's own unless given.
        on_sample: called with the averaged weights in `modules` every five minutes and at the end.

    Raises:
        ModelError: the loss is not finite.
        KeyboardInterrupt: stopped by SIGINT or SIGTERM, after the state was saved.
    """
    share = run.seconds(stage) if seconds is None else seconds
    trainer = _Trainer(run, stage, modules, step, batch, ema, _optimiser(modules, lr, weight_decay, run.device))
    trainer.resume()
    with stop_signals() as stopped:
        trainer.loop(_Plan(lr, warmup, share * (1.0 - SAMPLE_PART) if on_sample else share), on_sample, stopped)
    trainer.finish(on_sample)
    return trainer.figures()


def _optimiser(modules: nn.Module, lr: float, weight_decay: float, device: torch.device) -> torch.optim.AdamW:
    trained = [p for p in modules.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW([g for g in groups if g["params"]], lr=lr, betas=(0.9, 0.99), fused=True)


@dataclass(frozen=True)
class _Plan:
    lr: float
    warmup: int
    seconds: float

    def rate(self, step: int, steps: int) -> float:
        """Learning rate of a step; `steps` is 0 while not settled yet (the peak is held)."""
        if step < self.warmup:
            return self.lr * (step + 1) / self.warmup
        if steps == 0:
            return self.lr
        part = min(1.0, (step - self.warmup) / max(1, steps - self.warmup))
        return self.lr * (FINAL_LR + (1.0 - FINAL_LR) * 0.5 * (1.0 + math.cos(math.pi * part)))


@dataclass
class _Trainer:
    run: Run
    stage: str
    modules: nn.Module
    step_loss: Callable[[int], Tensor]
    batch: int
    decay: float
    optimiser: torch.optim.AdamW
    step: int = 0
    steps: int = 0
    """0 until settled."""
    spent: float = 0.0
    """Seconds of training in earlier processes."""
    flops: float = 0.0
    loss: float = math.nan
    average: dict[str, Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.live = {name: value for name, value in self.modules.state_dict().items() if value.is_floating_point()}
        self.average = {name: value.clone() for name, value in self.live.items()}
        self.smooth = torch.zeros((), device=self.run.device)
        self.began = time.monotonic()

    @property
    def path(self) -> Path:
        return self.run.state / f"{self.stage}.pt"

    def resume(self) -> None:
        """Take up the state of an earlier process, if there is one."""
        if not self.path.is_file():
            return
        kept = torch.load(self.path, map_location=self.run.device, weights_only=True)
        self.modules.load_state_dict(kept["modules"])
        self.optimiser.load_state_dict(kept["optimiser"])
        self.average = kept["average"]
        self.smooth = kept["smooth"]
        self.step, self.steps, self.spent, self.flops = kept["step"], kept["steps"], kept["spent"], kept["flops"]
        self.loss = float(self.smooth)
        if self.step >= self.steps:
            self.steps = 0  # it was through: with more time there are more steps, as many as now fit
        say(f"{self.stage}: continues at step {self.step}")

    def loop(self, plan: _Plan, on_sample: Callable[[nn.Module], None] | None, stopped: list[int]) -> None:
        """Steps until the schedule is over."""
        logged = saved = sampled = mark = time.monotonic()
        logged_step, saved_step, mark_step = self.step, self.step, self.step + SETTLE_SKIP
        self.modules.train()
        while self.steps == 0 or self.step < self.steps:
            self._one(plan.rate(self.step, self.steps))
            if self.steps == 0 and self.step == mark_step:
                mark = self._now()
            elif self.steps == 0 and (self.step > mark_step or self._spent() > plan.seconds):
                self._settle(plan.seconds, mark, mark_step)
            now = time.monotonic()
            if now - logged >= LOG_SECONDS:
                now = self._log((self.step - logged_step) / (now - logged))
                logged, logged_step = now, self.step
            if now - saved >= SAVE_SECONDS or stopped:
                self._revise(plan.seconds, (self.step - saved_step) / (now - saved))
                self._save()
                saved, saved_step = time.monotonic(), self.step
            if stopped:
                say(f"{self.stage}: stopped at step {self.step}; the same command continues")
                raise KeyboardInterrupt
            if on_sample is not None and now - sampled >= SAMPLE_SECONDS:
                self._sample(on_sample)
                sampled = logged = time.monotonic()
                logged_step = self.step

    def finish(self, on_sample: Callable[[nn.Module], None] | None) -> None:
        """Save the last state and leave the averaged weights in the modules."""
        self._save()
        with torch.no_grad():
            for name, value in self.live.items():
                value.copy_(self.average[name])
        self.modules.eval()
        if on_sample is not None:
            on_sample(self.modules)

    def figures(self) -> Figures:
        """What every stage reports of its training."""
        return {
            "steps": float(self.step),
            "pictures": float(self.step * self.batch),
            "minutes": self.spent / 60.0,
            "pictures_per_second": self.step * self.batch / max(self.spent, 1e-9),
            "gflops_per_picture": self.flops / 1e9,
            "parameters": float(sum(p.numel() for p in self.modules.parameters())),
            "train_loss": self.loss,
        }

    def _one(self, lr: float) -> None:
        for group in self.optimiser.param_groups:
            group["lr"] = lr
        torch.manual_seed(self.run.seed_of(self.stage, self.step))  # dropout and the like, the same after a resume
        counter = FlopCounterMode(display=False) if self.flops == 0.0 else None
        if counter is None:
            loss = self._backward()
        else:
            with counter:
                loss = self._backward()
            self.flops = counter.get_total_flops() / self.batch or math.nan
        nn.utils.clip_grad_norm_(self.modules.parameters(), CLIP_NORM)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        with torch.no_grad():
            self.smooth.lerp_(loss.detach().float(), 1.0 / min(self.step + 1, 50))
            decay = min(self.decay, (1 + self.step) / (10 + self.step))
            torch._foreach_lerp_(list(self.average.values()), [self.live[name] for name in self.average], 1.0 - decay)
        self.step += 1

    def _backward(self) -> Tensor:
        with torch.autocast(self.run.device.type, torch.bfloat16):
            loss = self.step_loss(self.step)
        loss.backward()
        return loss

    def _settle(self, seconds: float, mark: float, mark_step: int) -> None:
        window = min(SETTLE_SECONDS, SETTLE_PART * seconds)
        if time.monotonic() - mark < window and self._spent() <= seconds:
            return
        rate = max(0, self.step - mark_step) / max(self._now() - mark, 1e-9)
        self.steps = self.step + max(0, round((seconds - self._spent()) * rate))
        say(f"{self.stage}: {self.steps} steps of {self.batch} at {rate * self.batch:.0f} pictures/s")

    def _revise(self, seconds: float, rate: float) -> None:
        """Other work comes and goes on a shared machine: the time share stands, the number of steps gives way."""
        if self.steps:
            self.steps = self.step + max(0, round((seconds - self._spent()) * rate))

    def _log(self, rate: float) -> float:
        self._check()
        left = f"{(self.steps - self.step) / max(rate, 1e-9):.0f} s left" if self.steps else "measuring"
        place = f"{self.step}/{self.steps or '?'}"
        say(f"{self.stage}: step {place}, loss {self.loss:.4f}, {rate * self.batch:.1f} pictures/s, {left}")
        return time.monotonic()

    def _check(self) -> None:
        """Reads the loss (this waits for the device) and refuses to go on, or to save, once it is not a number."""
        self.loss = float(self.smooth)
        if not math.isfinite(self.loss):
            raise ModelError(
                f"{self.stage}: the loss is not finite at step {self.step}; {self.path} holds the last good state: "
                "lower the learning rate, or delete it and start the stage again"
            )

    def _save(self) -> None:
        self._check()
        kept: dict[str, Any] = {
            "modules": self.modules.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "average": self.average,
            "smooth": self.smooth,
            "step": self.step,
            "steps": self.steps,
            "spent": self._spent(),
            "flops": self.flops,
        }
        self.spent, self.began = kept["spent"], time.monotonic()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        neighbour = self.path.with_name(f".{self.path.name}.{os.getpid()}.tmp")
        torch.save(kept, neighbour)
        neighbour.replace(self.path)

    def _sample(self, on_sample: Callable[[nn.Module], None]) -> None:
        trained = {name: value.clone() for name, value in self.live.items()}
        with torch.no_grad():
            for name, value in self.live.items():
                value.copy_(self.average[name])
            self.modules.eval()
            on_sample(self.modules)
            for name, value in self.live.items():
                value.copy_(trained[name])
        self.modules.train()

    def _spent(self) -> float:
        return self.spent + time.monotonic() - self.began

    def _now(self) -> float:
        if self.run.device.type == "cuda":
            torch.cuda.synchronize()
        return time.monotonic()
