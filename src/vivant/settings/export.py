"""Settings of ``vivant export``."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from vivant.settings.base import Settings

Format = Literal["coco", "webdataset", "parquet", "concepts", "kohya", "ai-toolkit"]
CaptionKind = Literal["short", "detailed", "both"]


class ExportSettings(Settings):
    """How a data set is written for another tool.

    Attributes:
        captions: which caption goes where there is room for one. "both" writes a picture once with each caption for the
            pair formats and concepts; the other formats always hold both, and this one in their main text field.
        tokens: subject name -> token; the subject's noun becomes "<token> noun" in captions (Custom Diffusion's
            modifier tokens). For the pair formats and concepts.
        repeats: kohya's number of repeats an epoch, the N of its ``N_name`` folders.
        shard_mb: size of a WebDataset or Parquet file, in megabytes; one scene larger than that gets its own.
        segmentation: COCO masks as outlines, which every reader takes, or run lengths, which keep holes.
    """

    captions: CaptionKind = "short"
    tokens: dict[str, str] = Field(default_factory=dict)
    repeats: int = Field(default=1, ge=1, le=1000)
    shard_mb: int = Field(default=256, ge=1, le=100_000)
    segmentation: Literal["polygon", "rle"] = "polygon"

    @model_validator(mode="after")
    def _tokens_are_words(self) -> Self:
        for name, token in self.tokens.items():
            if not token or token != "".join(token.split()):
                raise ValueError(f"the token of {name!r} is one word without spaces, as <{name}>, not {token!r}")
        if len(set(self.tokens.values())) < len(self.tokens):
            raise ValueError("two subjects have the same token; each needs its own")
        return self
