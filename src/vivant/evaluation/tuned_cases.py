"""Cases for a run that has learned subjects as words: prompts that say the words (Gen4Gen 3.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vivant.adapters.tuned import tuned_files
from vivant.data.captions.words import article
from vivant.errors import InputError
from vivant.evaluation.benchmarks.cases import Case, Manifest
from vivant.files import read_json
from vivant.relations.predicate import plural, subject_spans
from vivant.training.concept_setup import TOKENS
from vivant.training.concepts import COMPOSITION, composition_prompt

_ARTICLE = re.compile(r"(?<!\w)(an?)(\s+)$", re.IGNORECASE)
_FORM = '{"<cat>": {"name": "cat1", "noun": "cat"}}'


@dataclass(frozen=True)
class Words:
    """What a run calls its subjects.

    Attributes:
        folder: of the run, or of its best checkpoint.
        tokens: name of a subject, as its folder of photos is called -> its word.
        composition: whether it has learned a word for a whole composition too.
    """

    folder: Path
    tokens: Mapping[str, str]
    composition: bool = False


def read_words(folder: Path) -> Words:
    """The words of a run.

    Raises:
        ModelError: nothing that was learned of subjects is there.
        InputError: nothing says which word is whose.
        StoreError: `tokens.json` is broken.
    """
    tuned_files(folder)
    path = folder / TOKENS
    if not path.is_file():
        raise InputError(f"{path}: not there, so nothing says which word is whose; write it, as {_FORM}")
    table = read_json(path)
    if not isinstance(table, Mapping) or not all(isinstance(one, Mapping) for one in table.values()):
        raise InputError(f"{path}: does not say which word is whose; write it as {_FORM}")
    tokens = {str(one["name"]): str(token) for token, one in table.items() if "name" in one}
    return Words(folder, tokens, COMPOSITION in table)


def tuned_cases(manifest: Manifest, words: Words) -> tuple[Manifest, int]:
    """The cases of which a run knows every subject, their prompts with its words; and how many there are besides.

    Args:
        manifest: of the benchmark.
        words: of the run.

    Raises:
        InputError: no case shows the run's subjects alone; or a prompt that does not name each by itself ("two cats").
    """
    known = [case for case in manifest.cases if all(one.name in words.tokens for one in case.subjects)]
    if not known:
        other = next(one for case in manifest.cases for one in case.subjects if one.name not in words.tokens)
        learned = ", ".join(words.tokens) or "nobody"
        raise InputError(
            f"{words.folder}: has words for {learned}, and every case shows somebody else, as {other.name}: make cases "
            "of the photos that it was trained on (vivant evaluate cases --subjects PHOTOS), or train on the "
            f"benchmark's, as {other.photos[0].parent.parent}"
        )
    told = tuple(case.model_copy(update={"prompt": with_words(case, words)}) for case in known)
    return manifest.model_copy(update={"cases": told}), len(manifest.cases) - len(known)


def with_words(case: Case, words: Words) -> str:
    """A case's prompt with each subject's word before its noun: "a <cat1> cat is hugging a <dog> dog".

    Where the run has learned a word for a composition, a prompt of several subjects begins with it, as in training.

    Raises:
        InputError: the prompt does not name each subject by itself.
    """
    nouns = [one.noun for one in case.subjects]
    spans = subject_spans(case.prompt, nouns)
    _refuse_shared(case, nouns, spans)
    prompt = case.prompt
    for (start, _), one in sorted(zip(spans, case.subjects, strict=True), key=lambda found: -found[0][0]):
        token = words.tokens[one.name]
        prompt = f"{_fitting(prompt[:start], token)}{token} {prompt[start:]}"
    return composition_prompt(prompt) if words.composition and len(nouns) > 1 else prompt


def _fitting(before: str, token: str) -> str:
    """What stands before a noun, before its token: "an owl" becomes "a <owl> owl"."""
    found = _ARTICLE.search(before)
    if found is None:
        return before
    wanted = article(token)
    return before[: found.start()] + (wanted.capitalize() if found[1][0].isupper() else wanted) + found[2]


def _refuse_shared(case: Case, nouns: Sequence[str], spans: Sequence[tuple[int, int]]) -> None:
    for noun, (start, end) in zip(nouns, spans, strict=True):
        said = case.prompt[start:end]
        if spans.count((start, end)) > 1 and said.lower() == plural(noun):
            raise InputError(
                f"case {case.name}: {said!r} is said of several subjects, so that none can have its own word: write "
                f'"a {noun} and another {noun}"'
            )
