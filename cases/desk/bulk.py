"""Many letters at once: choose, see what will happen, let it be done, see what came of each."""

from contextlib import suppress
from types import SimpleNamespace

from django.contrib import messages
from django.db.models import Count
from django.http import JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from cases import access, batches, guards, inputs, tasks, worlds
from cases.desk import counts, filters
from cases.desk.forms import StepForm
from cases.desk.pages import around, officer_page, page_number, page_of, show
from cases.desk.rights import having
from cases.desk.spreadsheets import csv_file
from cases.fields import FIELDS, OFFICER, UNIT
from cases.models import Batch, Officer, Unit
from cases.refusals import Incomplete, NotFound
from cases.transitions import STATES

PICKED_LIMIT = 1000
_LISTED = 50


@officer_page("GET", "POST", posts=having(*batches.PERMISSIONS))
def bulk(request):
    """Show my batches; by POST, ask what is to be done with the letters chosen, and check it."""
    if request.method == "GET":
        return _batches(request)
    rows = {row.action: row for row in batches.rows_for(request.user)}
    if not rows or request.user.unit is None:
        raise NotFound()
    chosen = _Chosen(request)
    if not chosen.any:
        messages.error(request, _("还没有选中来信。"))
        return redirect(reverse("desk:list") + chosen.address)
    row = rows.get(request.POST.get("action"))
    if row is None:
        return _ask(request, chosen, rows.values())
    said = "said" in request.POST
    form = StepForm(row, request.user, _stand_in(request.user), request.POST if said else None)
    if form.fields and not said:
        return _ask(request, chosen, [row], form)
    try:
        guards.check_finds(request.user, inputs.read_fields(row, form.said()).into)
    except Incomplete as refusal:
        form.refuse(refusal)
        return _ask(request, chosen, [row], form, status=409)
    batch = batches.create(
        request.user, row, chosen.cases, form.said(), worlds.now(), absent=chosen.absent
    )
    _take_on(batch)
    return redirect("desk:batch", batch.pk)


class _Chosen:
    """The letters that a request names: one by one, or all that a list's filters leave."""

    def __init__(self, request):
        self.all = request.POST.get("which") == "all"
        asked = filters.read(QueryDict(request.POST.get("address", "")[1:]), request)
        self.address, self.receipts = asked.address(), []
        self.cases = asked.cases(request.user, worlds.now())
        if not self.all:
            self.receipts = list(dict.fromkeys(request.POST.getlist("case")))[:PICKED_LIMIT]
            seen = access.visible_cases(request.user)
            safe = [receipt for receipt in self.receipts if "\0" not in receipt]
            self.cases = seen.filter(letter__receipt__in=safe)
        count = counts.capped(self.cases)
        self.any, self.count = bool(count), counts.in_words(count)
        self.absent = 0 if self.all else len(self.receipts) - count


def _stand_in(user):
    """What a form of steps asks of its one case, for many: what this officer's unit could choose."""
    unit = user.unit
    return SimpleNamespace(
        kind="",
        category="",
        mailbox=unit,
        mailbox_id=None,
        unit=unit,
        unit_id=unit.pk,
        accused_unit=None,
    )


def _ask(request, chosen, rows, form=None, status=200):
    """Ask for the step, or for what it needs to be told."""
    context = {"title": _("批量办理"), "chosen": chosen, "rows": rows, "form": form}
    return show(request, "desk/bulk_ask.html", context, status=status)


def _batches(request):
    mine = Batch.objects.filter(officer=request.user).order_by("-pk")
    number = page_number(request)
    rows, more = page_of(mine, number, _LISTED)
    found = batches.progresses(rows)
    context = {
        "title": _("批量办理"),
        "listed": [(batch, batches.label(batch), found[batch.pk]) for batch in rows],
        **around(number, more),
    }
    return show(request, "desk/bulk.html", context)


def _mine(request, pk):
    batch = Batch.objects.filter(pk=pk, officer=request.user).first()
    if batch is None:
        raise NotFound()
    return batch


def _take_on(batch):
    """Work on a batch for as long as a request may, and leave the rest to a worker.

    No task is sent from a run's world, whose rows no worker sees yet: there the open page goes on.
    """
    if not batches.take_on(batch.pk, batches.REQUEST_SECONDS) and worlds.current().live:
        # Without a broker the page that is open goes on, and beat comes round.
        with suppress(OperationalError, RedisError):
            tasks.take_batch_on.delay(batch.pk)


@officer_page("GET")
def batch_page(request, pk):
    """Show what a batch will do, how far it is, or what came of each letter."""
    batch, number = _mine(request, pk), page_number(request)
    found = batches.progress(batch)
    items, more = page_of(batch.items.order_by("-outcome", "pk"), number)
    seen = access.visible_cases(request.user).select_related("letter")
    cases = seen.in_bulk([item.case_id for item in items])
    context = {
        "title": _("批量%(action)s") % {"action": batches.label(batch)},
        "batch": batch,
        "action": batches.label(batch),
        "said": _said(batch),
        "found": found,
        "going_on": batch.stage in ("checking", "doing"),
        "attempts_left": batches.MAX_ATTEMPTS - batch.attempts,
        "reasons": _reasons(batch),
        "rows": [(item, cases.get(item.case_id)) for item in items],
        **around(number, more),
    }
    return show(request, "desk/batch.html", context)


def _said(batch):
    """Return (label, value) of what every letter is told, in words."""
    said = [(FIELDS[name].label, _in_words(name, value)) for name, value in batch.fields.items()]
    return said + ([(FIELDS["text"].label, batch.text)] if batch.text else [])


def _in_words(name, value):
    if FIELDS[name].type == UNIT:
        return Unit.objects.filter(code=value).first() or value
    if FIELDS[name].type == OFFICER:
        return Officer.objects.filter(pk=value).first() or value
    return dict(FIELDS[name].choices).get(value, value)


def _reasons(batch):
    """Return (number, why) of the letters for which it cannot be done, the most first."""
    refused = batch.items.filter(outcome="refused").order_by()
    rows = refused.values_list("message").annotate(n=Count("pk")).order_by("-n")[:_LISTED]
    action = batches.label(batch)
    reasons = [(n, why) for why, n in rows]
    for state, n in batch.left_out.items():
        if state == "absent":
            reasons.append((n, _("没有找到，或您看不到。")))
        else:
            words = {"state": STATES[state].label, "action": action}
            reasons.append((n, _("“%(state)s”状态下不能%(action)s。") % words))
    return sorted(reasons, key=lambda reason: -reason[0])


@officer_page("POST")
def change(request, pk, action):
    """Let a checked batch be done, go on with one that stands or has failed, or stop it."""
    batch = _mine(request, pk)
    if action == "do":
        batches.confirm(batch)
    elif action == "stop":
        batches.stop(batch, worlds.now())
    elif action == "again":
        batches.again(batch)
    elif action != "on":
        raise NotFound()
    if action != "stop":
        _take_on(batch)
    if request.accepts("text/html"):
        return redirect("desk:batch", pk)
    batch.refresh_from_db()
    found = batches.progress(batch)
    return JsonResponse({"stage": batch.stage, "taken": found["taken"], "all": found["all"]})


@officer_page("GET")
def results_csv(request, pk):
    """Give what came of each letter of a batch as a table."""
    batch = _mine(request, pk)
    action = batches.label(batch)
    items = batch.items.select_related("case__letter").order_by("-outcome", "pk")
    visible = access.visible_cases(request.user).filter(pk__in=batch.items.values("case"))
    seen = set(visible.values_list("pk", flat=True))
    head = [_("受理编号"), _("操作"), _("结果"), _("说明")]
    rows = [
        [
            item.case.letter.receipt if item.case_id in seen else "",
            action,
            item.get_outcome_display(),
            item.message,
        ]
        for item in items
    ]
    return csv_file(f"batch-{batch.pk}", [head, *rows])
