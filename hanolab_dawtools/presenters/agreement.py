"""What a user must know before work begins that costs, or that converts a voice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools import durable
from hanolab_dawtools.model import Quote, RequestKind
from hanolab_dawtools.presenters.cost import Question, total_text
from hanolab_dawtools.presenters.wording import cost_text
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.spending import sum_of

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services
    from hanolab_dawtools.settings_fields import Settings
    from hanolab_dawtools.workflows.offering import Offer

VOICE_NOTICE = (
    "Before the first voice conversion: a voice belongs to the person it was trained on. Convert "
    "to a voice only with that singer's consent, and say in what you publish that the voice was "
    "converted. This is told once."
)
VOICE_NOTICE_FILE = "voice-notice-shown"  # in the data folder, for every surface
CONVERT = "Convert to this voice?"
MOST_LINES = 6  # of jobs with their costs; the rest is counted


def question_about(offer: Offer, services: Services) -> Question | None:
    """What is to be agreed to; None when the user's settings allow it without asking.

    Raises
    ------
    NotLoggedIn, StorageNotSet
        It could not be done at all. No network is used.
    """
    needs_notice = is_voice_notice_due(offer.plans, services.folders.data)
    if not offer.paid:
        return Question(CONVERT, (VOICE_NOTICE,), "Convert") if needs_notice else None
    check_ready(offer.paid, services)
    total = sum_of(offer.paid_quotes)
    is_allowed = total is not None and total <= services.settings.ask_above_credits
    if is_allowed and not needs_notice:
        return None
    lines = _cost_lines(offer.paid, offer.paid_quotes)
    lines.append(f"Account: {services.account_text}")
    sent = (sent_text(run, one, services.settings) for run, one in _pairs(offer))
    lines += dict.fromkeys(f"Sent: {what}" for what in sent)
    if needs_notice:
        lines.append(VOICE_NOTICE)
    title = "The price is not known. Go on?" if total is None else "Pay for this?"
    if total is not None and is_allowed:
        title = CONVERT
    return Question(f"{title} {_total(offer)}".strip(), tuple(lines), "Pay" if total else "Go on")


def check_ready(runs: Sequence[RunPlan], services: Services) -> None:
    """Find out before anybody is asked whether what runs of the cloud need is set up; no network.

    Raises
    ------
    NotLoggedIn, StorageNotSet
    """
    services.client()
    if any(
        run.kind is not RequestKind.GENERATE and "input_url" not in run.parameters for run in runs
    ):
        services.storage()


def is_voice_notice_due(plans: Sequence[RunPlan], data_folder: Path) -> bool:
    """Whether a voice is converted, and nobody was told yet on this machine whose it may be."""
    is_voice = any(plan.kind.is_conversion for plan in plans)
    return is_voice and not (data_folder / VOICE_NOTICE_FILE).exists()


def keep_voice_notice(data_folder: Path) -> None:
    """The user has read it."""
    durable.write_text(data_folder / VOICE_NOTICE_FILE, "")


def sent_text(plan: RunPlan, quote: Quote, settings: Settings) -> str:
    """What leaves this machine for a run."""
    if plan.kind is RequestKind.GENERATE:
        return f"the prompt{' and the lyrics' * bool(plan.parameters.get('lyrics'))}; no audio"
    if "input_url" in plan.parameters:
        return "your URL; nothing is uploaded"
    audio = f"{quote.billed_seconds:g} s of audio as {settings.upload_format.upper()}"
    if not settings.storage.kind:
        return f"{audio} to storage: none is set up yet (hanolab storage setup)"
    after = "kept there" if settings.keep_uploads else "deleted there afterwards"
    return f"{audio} to your storage ({settings.storage.kind}), {after}"


def _pairs(offer: Offer) -> list[tuple[RunPlan, Quote]]:
    return list(zip(offer.paid, offer.paid_quotes, strict=True))


def _total(offer: Offer) -> str:
    return f"({total_text(offer.paid_quotes)})" if sum_of(offer.paid_quotes) is not None else ""


def _cost_lines(runs: Sequence[RunPlan], quotes: Sequence[Quote]) -> list[str]:
    pairs = list(zip(runs, quotes, strict=True))
    lines = [f"{run.title}: {cost_text(quote)}" for run, quote in pairs[:MOST_LINES]]
    if len(pairs) > MOST_LINES:
        lines.append(f"and {len(pairs) - MOST_LINES} more")
    return lines
