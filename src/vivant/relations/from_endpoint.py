"""Triplets from a model behind an HTTP endpoint, as the paper's from DALL-E 3: one conversation a triplet, in which
"the photo of the same" keeps the individual (section 3.3)."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from vivant.models.image_endpoint import Api, Conversation
from vivant.models.language import ChatEndpoint
from vivant.relations.sample import Pictures, Request


class EndpointSource:
    """Asks for the picture of the relation, then for each subject alone.

    Args:
        endpoint: where the model is.
        api: see `Conversation`.
        size: pixels a side.
    """

    limit = None

    def __init__(self, endpoint: ChatEndpoint, api: Api, size: int) -> None:
        self._talk: Callable[[], Conversation] = lambda: Conversation(endpoint, api, size)
        settings = endpoint.settings
        self._made = {"source": "endpoint", "model": settings.model, "host": urlsplit(settings.base_url).hostname}

    def draw(self, request: Request) -> Pictures:
        """Pictures of a triplet.

        Raises:
            RefusedError: the model will not draw this one.
            EndpointError: it cannot be reached, or gives no picture.
        """
        talk = self._talk()
        target = talk.draw(f"A photo. {request.prompt}")
        concepts = tuple(talk.draw(prompt) for prompt in request.concept_prompts)
        made = {**self._made, "prompt": request.prompt, "concept_prompts": list(request.concept_prompts)}
        return Pictures(str(request.number), target, concepts, request.nouns, request.prompt, made)
