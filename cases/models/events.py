from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import DomainModel

# Steps few letters have, of which there are pages of their own; an index finds them.
NOTABLE = tuple(
    "acknowledge answer_supervision arrange_meeting cancel_meeting decide_filing "
    "end_rectification escalate instruct meet pass_clue record_finding record_incident "
    "record_rectification record_rule release_charge request_extension supervise take_charge thank".split()
)


class Event(DomainModel):
    """One step of one case: log, outbox and measurement in one. Append-only, nothing personal.

    data holds codes and numbers only. hash chains the events of a live case; the
    database computes it (migration 0002) and refuses update, delete and truncate.
    """

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="events", db_index=False)
    seq = models.PositiveIntegerField()
    at = models.DateTimeField(_("时间"))
    action = models.CharField(_("动作"), max_length=20)
    old_state = models.CharField(max_length=20, blank=True)
    new_state = models.CharField(max_length=20)
    role = models.CharField(max_length=8)
    user = models.ForeignKey(
        "cases.Officer", models.PROTECT, null=True, related_name="+", db_index=False
    )
    # The unit that has the case after this event.
    unit = models.ForeignKey("cases.Unit", models.PROTECT, related_name="+", db_index=False)
    # The promise that this event keeps, as it stood; late if `at` is after it.
    due_at = models.DateTimeField(null=True)
    data = models.JSONField(default=dict)
    hash = models.BinaryField(null=True, max_length=32)

    class Meta:
        verbose_name = _("记录")
        verbose_name_plural = _("记录")
        constraints = [models.UniqueConstraint(fields=["case", "seq"], name="event_once")]
        indexes = [
            models.Index(
                fields=["action", "at"],
                name="event_notable",
                condition=models.Q(action__in=NOTABLE),
            ),
            # What was merged into a case, now or once.
            models.Index(
                models.F("data__into"), name="event_into", condition=models.Q(action="merge")
            ),
        ]

    def __str__(self):
        return f"{self.case_id}/{self.seq} {self.action}"


class Message(DomainModel):
    """The free text of one event. Erasing it leaves the log whole."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True)
    body = models.TextField(_("内容"))

    class Meta:
        verbose_name = _("文字")
        verbose_name_plural = _("文字")
