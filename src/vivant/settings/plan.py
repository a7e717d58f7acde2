"""Settings of the plan: who is in a picture with whom, where, and in which boxes (Gen4Gen, section 3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator

from vivant.errors import SettingsError
from vivant.settings.base import Settings, load_settings


class AssociateSettings(Settings):
    """Combinations of subjects (section 3.2, step 1)."""

    min_subjects: int = Field(default=2, ge=1, le=6)
    """Fewest subjects in a picture; fewer only where the user has fewer."""
    max_subjects: int = Field(default=4, ge=1, le=6)
    """Most subjects in a picture."""
    combinations: int = Field(default=64, ge=1, le=100_000)
    """How many different combinations to look for; scenes go round them."""
    max_size_ratio: float = Field(default=30.0, ge=1.0, le=1e6)
    """Largest over smallest real height in one picture: more would lose a mouse beside an elephant. What flies does not
    count, since it may be far away."""
    nouns_file: Path | None = None
    """CSV with the user's own nouns: noun,height_m,rests_on,found."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_subjects > self.max_subjects:
            raise ValueError(f"min_subjects {self.min_subjects} is more than max_subjects {self.max_subjects}")
        return self


class LayoutSettings(Settings):
    """Boxes for a combination (section 3.2, step 2). Lengths are fractions of the picture's height or width."""

    largest_min: float = Field(default=0.46, gt=0.05, le=0.95)
    """Least height of the largest subject of a group on the ground."""
    largest_max: float = Field(default=0.72, gt=0.05, le=0.95)
    """Greatest height of the largest subject of a group on the ground."""
    min_ratio: float = Field(default=0.4, ge=0.01, le=1.0)
    """Size in the picture, against the largest subject, below which smaller ones shrink hardly further: the lower end
    of the scale ratios [0.4, 1.0] that the published implementation uses."""
    max_overlap: float = Field(default=0.25, ge=0.0, le=0.9)
    """Most of a subject's box that the boxes of nearer ones may cover."""
    margin: float = Field(default=0.03, ge=0.0, le=0.2)
    """Free border that a whole subject keeps to the frame."""
    lowest_feet: float = Field(default=0.97, gt=0.3, le=1.0)
    """Lowest y at which something may stand."""
    flip: bool = True
    """Whether a subject may be mirrored. Turn off where writing or a parting would give it away."""
    tries: int = Field(default=24, ge=1, le=1000)
    """Random arrangements a size before everything is made smaller."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.largest_min > self.largest_max:
            raise ValueError(f"largest_min {self.largest_min} is more than largest_max {self.largest_max}")
        return self


class EndpointSettings(Settings):
    """A language or vision model behind an OpenAI-compatible HTTP endpoint."""

    base_url: str = Field(pattern=r"^https?://\S+$")
    """Up to and without ``/chat/completions``: "https://api.openai.com/v1", "http://localhost:11434/v1"."""
    model: str = Field(min_length=1)
    """Name of the model, as the endpoint knows it."""
    api_key: SecretStr | None = None
    """Sent as a bearer token; local servers mostly need none."""
    temperature: float | None = Field(default=0.7, ge=0.0, le=2.0)
    """None leaves it out of the request: some models refuse any but their own."""
    max_tokens: int | None = Field(default=1500, ge=1)
    """Longest reply; None leaves it out of the request."""
    timeout: float = Field(default=60.0, gt=0.0, le=3600.0)
    """Seconds for one request."""
    retries: int = Field(default=4, ge=0, le=20)
    """Further requests after a time-out, a lost connection, a 429 or a 5xx."""
    backoff: float = Field(default=1.0, ge=0.0, le=60.0)
    """Seconds before the first retry; doubled before each further one, then spread by chance."""
    max_wait: float = Field(default=60.0, ge=0.0, le=3600.0)
    """Most seconds between two requests, whatever Retry-After says."""
    corrections: int = Field(default=2, ge=0, le=10)
    """How often a reply that cannot be used is answered with its fault before the rules take over."""


DEFAULT_BASE_URL = "https://api.openai.com/v1"


def endpoint_from_environment(
    environment: Mapping[str, str],
    *,
    base_url: str | None = None,
    model: str | None = None,
    api_key: str | None = None,
) -> EndpointSettings | None:
    """The endpoint that flags and environment name, flags first; None where they name no model.

    Reads VIVANT_LLM_BASE_URL, VIVANT_LLM_MODEL and VIVANT_LLM_API_KEY, and where these say nothing the names of other
    tools, OPENAI_BASE_URL and OPENAI_API_KEY. That key goes to the address it belongs to and to no other server.

    Raises:
        SettingsError: an address without a model, or an address that is none.
    """
    usual = (environment.get("OPENAI_BASE_URL") or DEFAULT_BASE_URL).rstrip("/")
    address = base_url or environment.get("VIVANT_LLM_BASE_URL", "")
    name = model or environment.get("VIVANT_LLM_MODEL", "")
    if not name:
        if address:
            raise SettingsError(f"{address}: name a model there: --llm-model or VIVANT_LLM_MODEL")
        return None
    address = address.rstrip("/") or usual
    key = api_key or environment.get("VIVANT_LLM_API_KEY")
    if not key and address == usual:
        key = environment.get("OPENAI_API_KEY")
    flags = {"base_url": address, "model": name, "api_key": SecretStr(key) if key else None}
    return load_settings(EndpointSettings, flags=flags)
