"""`vivant relate`: a relation in, annotated and checked triplets out (DreamRelation, section 3.3).

Propose, draw, annotate, check, store: a chain of functions of values, an attempt at a triplet a time. An attempt that
an earlier run has finished is never made again, and nothing depends on the number of workers or on where a run was
killed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from vivant import __version__
from vivant.errors import ImageError, InputError, RefusedError
from vivant.images import content_hash
from vivant.progress import progress
from vivant.relations.check import check
from vivant.relations.from_world import subjects_of, world_nouns
from vivant.relations.propose import ANIMALS, ask_for_words, propose_group, request
from vivant.relations.sample import Annotator, Pictures, Request, Sample, Source
from vivant.relations.sheet import triplet_sheet
from vivant.relations.triplet_store import TripletRecord, TripletStore
from vivant.settings.relate import RelateSettings
from vivant.workers import default_workers, share_out

Say = Callable[[str], None]
OF_A_BASE = {"base", "share", "sampling_steps", "guidance"}
"""Settings that decide nothing where no base draws; a set that was made without one does not depend on them."""


@dataclass(frozen=True)
class Tools:
    """What an attempt is made with, loaded once in each process.

    Attributes:
        source: of pictures.
        annotator: of pictures about which the source knows nothing; None where the source knows everything.
        ask: a language model that words the prompts; None takes the template.
    """

    source: Source
    annotator: Annotator | None = None
    ask: Callable[[str], str] | None = None


@dataclass(frozen=True)
class Plan:
    """What a process needs to make attempts.

    Attributes:
        root: of the set.
        settings: of the run.
        fingerprint: of the settings.
    """

    root: Path
    settings: RelateSettings
    fingerprint: str


@dataclass(frozen=True)
class Report:
    """What a run did.

    Attributes:
        root: the set.
        records: finished attempts, accepted and rejected.
    """

    root: Path
    records: tuple[TripletRecord, ...]

    @property
    def accepted(self) -> int:
        """Triplets in the set."""
        return sum(record.accepted for record in self.records)

    @property
    def reasons(self) -> Counter[str]:
        """Why attempts were rejected."""
        return Counter(reason for record in self.records if not record.accepted for reason in record.reasons)


def relate_set(
    out: Path,
    settings: RelateSettings,
    load: Callable[[Plan], Tools],
    *,
    keep: Sequence[str] = (),
    workers: int | None = None,
    say: Say = print,
) -> Report:
    """Make the triplets of one relation; a set begun before is continued.

    Args:
        out: the set.
        settings: everything that decides what it looks like.
        load: of module level; gives the tools of a process.
        keep: names of rejected triplets to let in all the same; "all" for every one.
        workers: processes; by default one a processor where the source takes no model.
        say: told what the user should know, a line a time.

    Raises:
        InputError: the relation, a subject or a triplet to keep that there is none of.
        EndpointError, ModelError: what draws or annotates cannot run.
        StoreError: the folder holds something else or cannot be written.
    """
    plan = Plan(out, settings, _fingerprint(settings))
    store = TripletStore(out)
    with store.store.lock():
        store.store.begin({"version": __version__, **recorded(settings)}, plan.fingerprint)
        records = {record.attempt: record for record in store.finished()}
        if keep:
            records |= _keep(store, list(records.values()), keep)
        try:
            _make(plan, load, records, workers)
        finally:
            # Stopped in the middle, what is finished is listed too.
            store.finish(store.finished())
    for record in records.values():
        for note in record.notes:
            say(f"{record.triplet.name if record.triplet else record.attempt}: {note}")
    return Report(out, tuple(records[attempt] for attempt in sorted(records)))


def recorded(settings: RelateSettings) -> dict[str, object]:
    """Settings as the set records them; of endpoints the model and the address without what may be secret."""
    idle = set() if settings.source == "diffusers" else OF_A_BASE
    values = settings.model_dump(mode="json", exclude={"endpoint", "words"} | idle)
    for name in ("endpoint", "words"):
        one = getattr(settings, name)
        values[name] = None if one is None else {"model": one.model, "host": urlsplit(one.base_url).hostname}
    return values


def _fingerprint(settings: RelateSettings) -> str:
    """Of everything that decides what a triplet looks like; not of how many are wanted."""
    values = {**recorded(settings), "count": None, "max_attempts": None}
    return content_hash(__version__, json.dumps(values, sort_keys=True))


def _keep(store: TripletStore, records: Sequence[TripletRecord], names: Sequence[str]) -> dict[int, TripletRecord]:
    rejected = {record.triplet.name: record for record in records if record.triplet and not record.accepted}
    wanted = list(rejected) if "all" in names else list(names)
    for name in wanted:
        if name not in rejected:
            raise InputError(f"{store.root}: no rejected triplet {name!r}; there are: {', '.join(rejected) or 'none'}")
    return {rejected[name].attempt: store.keep(rejected[name]) for name in wanted}


def _make(plan: Plan, load: Callable[[Plan], Tools], records: dict[int, TripletRecord], workers: int | None) -> None:
    """Waves of attempts until enough are accepted, into `records`.

    A wave is as large as what is still wanted, so that no attempt is made that a run of one worker would not make.
    """
    settings = plan.settings
    limit = settings.count * settings.max_attempts
    if settings.source == "folder":
        limit = settings.count  # a folder has so many
    if settings.source != "world" or settings.annotate == "models":
        workers = 1  # a model with weights takes one process, and a conversation one line
    once = _Once(load)
    first = 0
    with progress(settings.relation, settings.count, min(settings.count, _accepted(records, limit))) as tick:
        while _accepted(records, first) < settings.count and first < limit:
            wave = range(first, min(first + settings.count - _accepted(records, first), limit))
            first = wave.stop
            todo = [number for number in wave if number not in records]
            if todo:
                for record in share_out(_attempt, todo, workers=workers or default_workers(), setup=once, plan=plan):
                    records[record.attempt] = record
                    if record.accepted:
                        tick()


def _accepted(records: dict[int, TripletRecord], until: int) -> int:
    return sum(record.accepted for number, record in records.items() if number < until)


class _Once:
    """The tools of a process beside its plan; one process loads them once, however many waves there are."""

    def __init__(self, load: Callable[[Plan], Tools]) -> None:
        self._load = load
        self._tools: Tools | None = None

    def __call__(self, plan: Plan) -> tuple[Plan, Tools]:
        if self._tools is None:
            self._tools = self._load(plan)
        return plan, self._tools


def _attempt(process: tuple[Plan, Tools], number: int) -> TripletRecord:
    """One attempt, from the words to the disk."""
    plan, tools = process
    store = TripletStore(plan.root)
    asked, note = words(plan.settings, tools, number)
    made = {"version": __version__, "settings": plan.fingerprint, "seed": plan.settings.seed, "attempt": number}
    try:
        sample = complete(tools, asked)
    except (InputError, ImageError, RefusedError) as error:
        return store.save_failed(number, str(error))
    verdict = check(sample, plan.settings.limits)
    sheet = triplet_sheet([(sample, verdict)])
    return store.save(number, sample, verdict, sheet, {**made, **({"words": note} if note else {})})


def words(settings: RelateSettings, tools: Tools, number: int) -> tuple[Request, str]:
    """What is asked for in attempt `number`, and why a language model did not word it where one was to."""
    if settings.subjects:
        nouns = settings.subjects[number % len(settings.subjects)]
    elif settings.source == "world":
        nouns = propose_group(world_nouns(), subjects_of(settings.relation), number, settings.seed)
    else:
        nouns = propose_group(ANIMALS, 2, number, settings.seed)
    asked = request(settings.relation, nouns, number, settings.seed)
    if tools.ask is None or settings.words is None:
        return asked, ""
    return ask_for_words(asked, tools.ask, settings.words.corrections)


def complete(tools: Tools, asked: Request) -> Sample:
    """Draw what is asked for and annotate it where the source does not know the truth."""
    drawn = tools.source.draw(asked)
    if isinstance(drawn, Pictures):
        if tools.annotator is None:
            raise InputError(f"{drawn.name}: nothing is known about these pictures; choose --annotate models")
        return tools.annotator.annotate(asked, drawn)
    return drawn
