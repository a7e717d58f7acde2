"""The base with what is learned in it or beside it: a LoRA, or R*, and a layer for local tokens where there is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from vivant.adapters.boxes import layer_sizes
from vivant.adapters.local_linear import save_local_linear
from vivant.adapters.lora_file import WEIGHTS
from vivant.adapters.maps import MapRecorder
from vivant.adapters.relation_embedding import (
    EMBEDDING,
    RelationEmbedding,
    encode_with_relation,
    save_relation_embedding,
)
from vivant.adapters.relation_lora import save_lora
from vivant.models.bundle import Bundle
from vivant.models.text import Text, added_conditions
from vivant.training.image_prompts import ImagePrompts
from vivant.training.objective import Losses, RelationLoss, relation_losses
from vivant.training.relation_data import Draw, RelationData, draw_step
from vivant.training.schedule import NoiseSchedule, noised
from vivant.training.setup import Processes


class Learner(nn.Module):  # type: ignore[misc]
    """One call is one call of the UNet. Its parameters with gradients are what is learned.

    Attributes:
        unet: the base's, with the LoRA in it if that is what is learned.
        embedding: R*, else None.
        linear: joins local tokens and features, else None.
        prompts: image prompts of the data's variations; None trains on the text alone.
    """

    def __init__(
        self,
        bundle: Bundle,
        data: RelationData,
        prompts: ImagePrompts | None,
        embedding: RelationEmbedding | None = None,
        linear: nn.Linear | None = None,
    ) -> None:
        super().__init__()
        self.unet, self.embedding, self.linear = bundle.unet, embedding, linear
        self.bundle, self.data, self.prompts = bundle, data, prompts

    def forward(self, seen: Tensor, timesteps: Tensor, rows: Tensor, recorder: MapRecorder | None = None) -> Tensor:
        """What the UNet says of noised latents.

        Args:
            seen: x_t [B, C, h, w].
            timesteps: [B].
            rows: [B] numbers of variations.
            recorder: of attention maps.
        """
        text = self.text(rows)
        fixed = None if self.prompts is None else self.prompts(rows)
        predicted: Tensor = self.unet(
            seen.to(self.bundle.dtype, memory_format=torch.channels_last),
            timesteps,
            encoder_hidden_states=text.states,
            added_cond_kwargs=added_conditions(text, *self.data.size),
            cross_attention_kwargs={"fixed": fixed, "recorder": recorder},
            return_dict=False,
        )[0]
        return predicted

    def text(self, rows: Tensor) -> Text:
        """The prompts of some variations, encoded; with R* at every call anew."""
        if self.embedding is None:
            told = self.data.text
            return Text(told.states[rows], None if told.pooled is None else told.pooled[rows])
        return encode_with_relation(self.bundle, [self.data.prompts[row] for row in rows.tolist()], self.embedding)

    def trained(self) -> dict[str, nn.Parameter]:
        """What is learned, by name."""
        return {name: value for name, value in self.named_parameters() if value.requires_grad}

    def save(self, folder: Path, made: Mapping[str, Any]) -> Path:
        """Write what is learned, each part a file of its own; returns the main one.

        Raises:
            StoreError: it cannot be written.
        """
        if self.linear is not None:
            save_local_linear(self.linear, folder, made)
        if self.embedding is not None:
            save_relation_embedding(self.embedding, folder, made)
        else:
            save_lora(self.unet, folder, made)
        return self.file(folder)

    def file(self, folder: Path) -> Path:
        """What the main file is called in a folder."""
        return folder / (WEIGHTS if self.embedding is None else EMBEDDING)


def sample_losses(
    model: Any, data: RelationData, part: Draw, schedule: NoiseSchedule, constants: RelationLoss, unet: Any
) -> Losses:
    """The losses of some samples, once through the UNet.

    Args:
        model: the learner, as accelerate has wrapped it.
        data: of the relation.
        part: the samples, on the device.
        schedule: of the base.
        constants: of the loss.
        unet: the base's own.
    """
    latents = part.latents(data)
    seen = noised(latents, part.noise, schedule.at(part.timesteps))
    recorder = None
    if constants.predicate_weight:
        sizes = layer_sizes(unet, *latents.shape[-2:])
        recorder = MapRecorder(data.selection[part.rows], sizes, constants.predicate_largest)
    predicted = model(seen, part.timesteps, part.rows, recorder).float()
    maps: Sequence[Tensor] = [] if recorder is None else [one[:, 0].float() for one in recorder.maps().values()]
    pose = data.pose(part.rows)
    return relation_losses(predicted, latents, part.noise, seen, part.timesteps, pose, maps, schedule, constants)


@dataclass(frozen=True)
class Training:
    """What a step of training needs.

    Attributes:
        processes: this one among the others.
        learner: what is trained.
        model: the same, as accelerate has wrapped it.
        optimiser: of it, wrapped likewise.
        data: the relation's variations.
        among: so many of them are trained on, the first ones.
        schedule: of the base.
        constants: of the loss.
        draws: what every step draws from.
    """

    processes: Processes
    learner: Learner
    model: Any
    optimiser: Any
    data: RelationData
    among: int
    schedule: NoiseSchedule
    constants: RelationLoss
    draws: torch.Generator

    def step(self, batch: int, micro_batch: int | None) -> dict[str, Tensor]:
        """One step of the optimiser on this process's part of a batch, piece by piece.

        Args:
            batch: samples, of all processes together.
            micro_batch: samples that are computed at a time; None for all.

        Returns:
            The losses, by name.
        """
        drawn = draw_step(self.data, batch, self.schedule.steps, self.draws, among=self.among)

        def losses(piece: range) -> dict[str, Tensor]:
            part = drawn.part(piece.start, piece.stop, self.data.moments.device)
            unet = self.learner.unet
            return sample_losses(self.model, self.data, part, self.schedule, self.constants, unet).parts()

        return self.processes.descend(self.optimiser, micro_batch, losses)
