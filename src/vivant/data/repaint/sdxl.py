"""Stage 5, repaint, the paper's way: SDXL inpainting that starts from a background photo (Gen4Gen section 3.2, 3).

The subjects lie on the photo, the inpainting mask is everything else, softened by a 5x5 average (section 7), and SDXL
repaints the background around them; a refiner may finish. The switches of figure 10 are settings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from vivant.errors import InputError, ModelError
from vivant.models.torch_models import explained, pick_device, pick_dtype, quiet
from vivant.settings.sdxl import SdxlSettings
from vivant.types import Composite, Image, Mask

MULTIPLE = 8
"""The autoencoder's step: pictures are padded to a multiple of it and cut again."""
_FILES = "give the folder of a model in the diffusers layout, or allow downloads (sdxl.model, sdxl.download)"
_MEMORY = (
    "lower sdxl.batch_size, set sdxl.offload to 'model' or, slower, 'sequential', turn on sdxl.vae_tiling, "
    "make the pictures smaller, or set sdxl.refine to false"
)


@dataclass(frozen=True)
class RepaintItem:
    """One scene to repaint.

    Attributes:
        composite: the subjects on their canvas.
        background_image: HWC uint8 RGB, as large as the canvas.
        prompt: every subject and the background.
        seed: of this scene's noise, whatever else is in its batch.
    """

    composite: Composite
    background_image: Image
    prompt: str
    seed: int


class SdxlRepainter:
    """Both pipelines, loaded once.

    Args:
        settings: models, memory and the paper's numbers.

    Raises:
        MissingExtraError: torch or diffusers is not installed.
        ModelError: the weights are not found or broken, the device is not there, or memory is short.
    """

    def __init__(self, settings: SdxlSettings) -> None:
        self.settings = settings
        self._device = pick_device(settings.device, "SDXL repainting")
        self._dtype = pick_dtype(settings.dtype, self._device)
        if settings.offload != "none" and self._device.type == "cpu":
            raise ModelError("sdxl.offload moves weights off a GPU, and there is none here: set it to 'none'")
        with explained(settings.model, advice=_FILES, memory_advice=_MEMORY), quiet("diffusers", "transformers"):
            self._base = self._load_base()
        self._refiner: Any = None
        if settings.refine:
            advice = f"{_FILES.replace('sdxl.model', 'sdxl.refiner')}, or set sdxl.refine to false"
            with explained(settings.refiner, advice=advice, memory_advice=_MEMORY), quiet("diffusers", "transformers"):
                self._refiner = self._load_refiner()

    def repaint(self, items: Sequence[RepaintItem]) -> list[Image]:
        """Repaint scenes, `batch_size` at a time where sizes agree.

        Returns:
            HWC uint8 RGB each, as large as its composite, in the order given. The same seed gives the same picture on
            the same machine, to within rounding whatever else is in the batch.

        Raises:
            InputError: a background of another size than its composite.
            ModelError: not enough memory, or the model gives no numbers (float16 overflow).
        """
        images: list[Image] = []
        for _, same_size in groupby(items, key=lambda item: item.composite.hard_mask.shape):
            group = list(same_size)
            for start in range(0, len(group), self.settings.batch_size):
                images += self._batch(group[start : start + self.settings.batch_size])
        return images

    def _batch(self, items: Sequence[RepaintItem]) -> list[Image]:
        starts = [start_image(item, self.settings) for item in items]
        kept = [kept_mask(item.composite, self.settings) for item in items]
        with explained(self.settings.model, advice=_FILES, memory_advice=_MEMORY), quiet("diffusers", "transformers"):
            pixels = self._paint(items, starts, kept)
        if not np.isfinite(pixels).all():
            raise ModelError(f"{self.settings.model} gave no numbers: set sdxl.dtype to 'bfloat16' or 'float32'")
        height, width = items[0].composite.hard_mask.shape
        images = [(image[:height, :width] * 255.0).round().clip(0, 255).astype(np.uint8) for image in pixels]
        if self.settings.paste_back:
            images = [mix(image, start, mask) for image, start, mask in zip(images, starts, kept, strict=True)]
        return images

    def _paint(self, items: Sequence[RepaintItem], starts: Sequence[Image], kept: Sequence[Mask]) -> Any:
        """Pictures as float32 NHWC in [0, 1], padded to the autoencoder's step."""
        import torch
        from PIL import Image as PILImage

        settings = self.settings
        pictures = [PILImage.fromarray(pad(start)) for start in starts]
        masks = [PILImage.fromarray(255 - pad(mask)) for mask in kept]
        noise = [torch.Generator("cpu").manual_seed(item.seed) for item in items]
        words = {
            "prompt": [item.prompt for item in items],
            "negative_prompt": [settings.negative_prompt] * len(items),
            "num_inference_steps": settings.steps,
            "guidance_scale": settings.guidance,
            "generator": noise,
        }
        with torch.inference_mode():
            painted = self._base(
                **words,
                image=pictures,
                mask_image=masks,
                height=pictures[0].height,
                width=pictures[0].width,
                strength=settings.strength,
                denoising_end=settings.refine_from if self._refiner is not None else None,
                output_type="np" if self._refiner is None else "latent",
            ).images
            if self._refiner is None:
                return painted
            keep = self._keeper(pictures, masks, noise)
            self._base.maybe_free_model_hooks()
            return self._refiner(
                **words,
                image=painted,
                denoising_start=settings.refine_from,
                callback_on_step_end=keep,
                output_type="np",
            ).images

    def _keeper(self, pictures: Sequence[Any], masks: Sequence[Any], noise: Sequence[Any]) -> Callable[..., Any]:
        """A callback that puts the subjects' own latents back after each step: the refiner has no mask of its own."""
        import torch

        base = self._base
        own = self._encode(base.image_processor.preprocess(list(pictures)))
        free = base.mask_processor.preprocess(list(masks)).to(self._device, torch.float32)
        free = torch.nn.functional.interpolate(free, size=own.shape[-2:], mode="area").to(self._dtype)
        shape = own.shape[1:]
        drawn = [torch.randn(shape, generator=generator, dtype=torch.float32) for generator in noise]
        veil = torch.stack(drawn).to(self._device, self._dtype)

        def keep(pipeline: Any, step: int, timestep: Any, values: dict[str, Any]) -> dict[str, Any]:
            is_last = step == pipeline.num_timesteps - 1
            known = own if is_last else pipeline.scheduler.add_noise(own, veil, timestep[None])
            return {"latents": (free * values["latents"] + (1 - free) * known).to(values["latents"].dtype)}

        return keep

    def _encode(self, pixels: Any) -> Any:
        """Latents without the autoencoder's own noise, in float32 where its float16 would overflow."""
        import torch

        vae = self._base.vae
        upcast = vae.config.force_upcast and vae.dtype == torch.float16
        if upcast:
            vae.to(torch.float32)
        latents = vae.encode(pixels.to(self._device, vae.dtype)).latent_dist.mode() * vae.config.scaling_factor
        if upcast:
            vae.to(torch.float16)
        return latents.to(self._dtype)

    def _load_base(self) -> Any:
        from diffusers import StableDiffusionXLInpaintPipeline
        from diffusers.image_processor import VaeImageProcessor

        pipeline = StableDiffusionXLInpaintPipeline.from_pretrained(self.settings.model, **self._loading())
        # The pipeline cuts every mask at a half; a soft one must stay soft.
        pipeline.mask_processor = VaeImageProcessor(
            vae_scale_factor=pipeline.vae_scale_factor,
            do_normalize=False,
            do_binarize=self.settings.mask == "hard",
            do_convert_grayscale=True,
        )
        return self._settle(pipeline)

    def _load_refiner(self) -> Any:
        from diffusers import StableDiffusionXLImg2ImgPipeline

        shared = {}
        if self.settings.offload == "none":  # models that come and go must not belong to two pipelines
            shared = {"vae": self._base.vae, "text_encoder_2": self._base.text_encoder_2}
        return self._settle(
            StableDiffusionXLImg2ImgPipeline.from_pretrained(self.settings.refiner, **shared, **self._loading())
        )

    def _loading(self) -> dict[str, Any]:
        return {
            "dtype": self._dtype,
            "variant": self.settings.variant,
            "use_safetensors": True,
            "local_files_only": not self.settings.download,
            "add_watermarker": False,
        }

    def _settle(self, pipeline: Any) -> Any:
        """To the device, or ready to come and go."""
        pipeline.set_progress_bar_config(disable=True)
        if self.settings.vae_tiling:
            pipeline.vae.enable_tiling()
        if self.settings.vae_slicing:
            pipeline.vae.enable_slicing()
        if self.settings.offload == "model":
            pipeline.enable_model_cpu_offload(device=self._device)
        elif self.settings.offload == "sequential":
            pipeline.enable_sequential_cpu_offload(device=self._device)
        else:
            pipeline.to(self._device)
        return pipeline


def start_image(item: RepaintItem, settings: SdxlSettings) -> Image:
    """The subjects on the background photo, or on noise (figure 10a): HWC uint8 RGB.

    Raises:
        InputError: the background has another size than the composite.
    """
    composite = item.composite
    if item.background_image.shape[:2] != composite.hard_mask.shape:
        raise InputError(
            f"a background of {item.background_image.shape[:2]} for a composite of {composite.hard_mask.shape}"
        )
    background = item.background_image
    if settings.start == "noise":
        background = np.random.default_rng(item.seed).integers(0, 256, background.shape, dtype=np.uint8)
    alpha = np.zeros(composite.hard_mask.shape, np.uint16)
    for layer in composite.layers:
        alpha += layer.visible
    if settings.mask == "hard":
        return np.where(composite.hard_mask[..., None] > 0, composite.foreground, background)
    # The foreground lies on black, so its colours are multiplied by its alpha already.
    clear = 255 - np.minimum(alpha, 255)[..., None]
    laid = composite.foreground + (background * clear + 127) // 255
    return np.asarray(np.minimum(laid, 255), dtype=np.uint8)


def kept_mask(composite: Composite, settings: SdxlSettings) -> Mask:
    """Where the subjects are kept: the soft mask of section 7, or the hard one (figure 10b)."""
    return composite.soft_mask if settings.mask == "soft" else composite.hard_mask


def mix(image: Image, over: Image, mask: Mask) -> Image:
    """`over` where the mask is 255, `image` where it is 0."""
    weight = mask.astype(np.float32)[..., None] / 255.0
    return np.asarray((image + (over - image.astype(np.float32)) * weight).round(), dtype=np.uint8)


def pad(values: Image | Mask) -> Image | Mask:
    """Repeat the last row and column up to a multiple of the autoencoder's step."""
    height, width = values.shape[:2]
    missing = [(0, -height % MULTIPLE), (0, -width % MULTIPLE), (0, 0)]
    return np.pad(values, missing[: values.ndim], mode="edge")
