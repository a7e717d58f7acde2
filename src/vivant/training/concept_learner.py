"""The base with what is learned of subjects: words, keys and values, a LoRA, or the whole UNet. Steps and scores."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from vivant.adapters.concept_tokens import ConceptTokens
from vivant.adapters.custom_diffusion import KeyValues, key_values
from vivant.models.bundle import Bundle
from vivant.models.text import Text, added_conditions, encode_tokens
from vivant.training.concept_data import ConceptData, Draw, draw_step
from vivant.training.held_out import SCORE, TIMES
from vivant.training.schedule import NoiseSchedule, noised, target
from vivant.training.setup import Processes


class ConceptLearner(nn.Module):  # type: ignore[misc]
    """One call is one call of the UNet. Its parameters with gradients are what is learned.

    Attributes:
        unet: the base's, with what is learned in it.
        tokens: words.
        values: keys and values in place of the UNet's, where they are what is learned.
    """

    def __init__(
        self, bundle: Bundle, data: ConceptData, tokens: ConceptTokens, values: KeyValues | None = None
    ) -> None:
        super().__init__()
        self.unet, self.tokens, self.values = bundle.unet, tokens, values
        self.bundle, self.data = bundle, data

    def forward(self, seen: Tensor, timesteps: Tensor, prompts: Tensor) -> Tensor:
        """What the UNet says of noised latents.

        Args:
            seen: x_t [B, C, h, w].
            timesteps: [B].
            prompts: [B] numbers of prompts, on the CPU.
        """
        text = self.text(prompts)
        predicted: Tensor = self.unet(
            seen.to(self.bundle.dtype, memory_format=torch.channels_last),
            timesteps,
            encoder_hidden_states=text.states,
            added_cond_kwargs=added_conditions(text, *self.data.size),
            return_dict=False,
        )[0]
        return predicted

    def text(self, prompts: Tensor) -> Text:
        """Prompts encoded: those without learned words as they were, the others anew, each once."""
        told, known = self.data.text, self.data.known[prompts]
        at = prompts.to(told.states.device)
        states, pooled = told.states[at], None if told.pooled is None else told.pooled[at]
        if bool(known.all()):
            return Text(states, pooled)
        which, back = prompts[~known].unique(return_inverse=True)
        anew = encode_tokens(self.bundle, [one[which] for one in self.data.numbers])
        places, back = (~known).nonzero()[:, 0].to(states.device), back.to(states.device)
        states = states.to(anew.states.dtype).index_copy(0, places, anew.states[back])
        if pooled is not None and anew.pooled is not None:
            pooled = pooled.to(anew.pooled.dtype).index_copy(0, places, anew.pooled[back])
        return Text(states, pooled)

    def acting(self) -> AbstractContextManager[None]:
        """For the time of a block the UNet computes with what is learned, and with its own weights again afterwards."""
        return nullcontext() if self.values is None else key_values(self.unet, self.values)

    def trained(self) -> dict[str, nn.Parameter]:
        """What is learned, by name."""
        return {name: value for name, value in self.named_parameters() if value.requires_grad}


@dataclass(frozen=True)
class Losses:
    """Of some samples.

    Attributes:
        total: subjects', plus the weight times the classes'.
        subjects: squared error of the UNet's output where there is something of the picture, mean over samples.
        classes: the same of pictures of classes; None without them.
    """

    total: Tensor
    subjects: Tensor
    classes: Tensor | None

    def parts(self) -> dict[str, Tensor]:
        """Those that there are, by name."""
        found = {"total": self.total, "subjects": self.subjects, "classes": self.classes}
        return {name: value for name, value in found.items() if value is not None}


def sample_losses(model: Any, data: ConceptData, part: Draw, schedule: NoiseSchedule, weight: float) -> Losses:
    """The losses of some samples, once through the UNet (Custom Diffusion, section 3.2; DreamBooth, equation 2).

    Args:
        model: the learner, as accelerate has wrapped it.
        data: of the subjects.
        part: the samples, on the CPU.
        schedule: of the base.
        weight: of prior preservation.
    """
    device = schedule.alpha_bar.device
    latents, noise, timesteps = part.latents(data).to(device), part.noise.to(device), part.timesteps.to(device)
    alpha_bar = schedule.at(timesteps)
    predicted = model(noised(latents, noise, alpha_bar), timesteps, part.prompts).float()
    errors = masked_error(predicted, target(latents, noise, alpha_bar, schedule.prediction), part.seen(data).to(device))
    own, others = errors[: len(part.rows)].mean(), errors[len(part.rows) :]
    if len(others) == 0:
        return Losses(own, own, None)
    return Losses(own + weight * others.mean(), own, others.mean())


def masked_error(predicted: Tensor, wanted: Tensor, seen: Tensor) -> Tensor:
    """Squared error of each sample where there is something to see (Custom Diffusion, section 3.3).

    Args:
        predicted, wanted: [B, C, h, w].
        seen: [B, 1, h, w], 0 or 1.

    Returns:
        [B]; 0 for a sample of which nothing is seen.
    """
    cells = seen.flatten(1).sum(dim=1) * predicted.shape[1]
    return ((predicted - wanted).square() * seen).flatten(1).sum(dim=1) / cells.clamp(min=1.0)


@dataclass(frozen=True)
class ConceptTraining:
    """What a step of training needs.

    Attributes:
        processes: this one among the others.
        learner: what is trained.
        model: the same, as accelerate has wrapped it.
        optimiser: of it, wrapped likewise.
        schedule: of the base.
        weight: of prior preservation.
        draws: what every step draws from.
    """

    processes: Processes
    learner: ConceptLearner
    model: Any
    optimiser: Any
    schedule: NoiseSchedule
    weight: float
    draws: torch.Generator

    def step(self, batch: int, micro_batch: int | None) -> dict[str, Tensor]:
        """One step of the optimiser on this process's part of a batch, piece by piece.

        Args:
            batch: samples, of all processes together.
            micro_batch: samples that are computed at a time; None for all.

        Returns:
            The losses, by name.
        """
        data = self.learner.data
        drawn = draw_step(data, batch, self.schedule.steps, self.draws)

        def losses(piece: range) -> dict[str, Tensor]:
            part = drawn.part(piece.start, piece.stop)
            return sample_losses(self.model, data, part, self.schedule, self.weight).parts()

        return self.processes.descend(self.optimiser, micro_batch, losses)


@dataclass(frozen=True)
class HeldOut:
    """A score that is not the training loss: of versions that are not trained on, always with the same noise.

    Attributes:
        data: of all versions.
        draw: the samples.
        schedule: of the base.
        piece: samples that are computed at a time.
    """

    data: ConceptData
    draw: Draw
    schedule: NoiseSchedule
    piece: int

    def score(self, learner: ConceptLearner) -> dict[str, Tensor]:
        """The mean loss on them. Less is better."""
        count, total = len(self.draw.rows), torch.zeros((), device=self.schedule.alpha_bar.device)
        with torch.no_grad():
            for start in range(0, count, self.piece):
                part = self.draw.part(start, start + self.piece)
                losses = sample_losses(learner, self.data, part, self.schedule, 0.0)
                total += losses.subjects * len(part.rows) / count
        return {SCORE: total}


def hold_out(data: ConceptData, schedule: NoiseSchedule, *, seed: int, piece: int) -> HeldOut:
    """Score on the versions that are never drawn, each at `TIMES` time steps of its own; together they lie evenly.

    Args:
        data: of all versions.
        schedule: of the base.
        seed: of the noise.
        piece: samples that are computed at a time.
    """
    held = (data.chances == 0).nonzero()[:, 0]
    rows, place = held.repeat_interleave(TIMES), torch.arange(TIMES).repeat(len(held))
    offset = (torch.arange(len(held)).repeat_interleave(TIMES) + 0.5) / max(1, len(held))
    shape = (len(rows), *data.moments.shape[2:])
    draw = Draw(
        rows,
        torch.zeros(0, dtype=torch.long),
        data.choices[rows, 0],
        ((place + offset) / TIMES * schedule.steps).long(),
        torch.zeros(shape),  # the mean of the autoencoder's posterior: one thing less that is random
        torch.randn(shape, generator=torch.Generator().manual_seed(seed)),
    )
    return HeldOut(data, draw, schedule, piece)
