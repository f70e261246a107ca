"""Common questions in the stock admin: their texts, order, whether they are shown, who changed them when."""

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.widgets import AdminTextInputWidget
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, OuterRef, Subquery, TextField
from django.db.models.functions import Cast
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from cases.kept_admin import KeptOnly
from cases.models import CommonQuestion


@admin.register(CommonQuestion)
class QuestionAdmin(KeptOnly, admin.ModelAdmin):
    """Common questions; one that is not wanted any more is not shown."""

    list_display = ("question", "group", "place", "shown", "has_english", "last_change")
    list_filter = ("shown", "group")
    formfield_overrides = {
        models.CharField: {"widget": AdminTextInputWidget(attrs={"class": "vLargeTextField"})}
    }
    search_fields = ("question", "answer", "question_en", "answer_en", "signs")
    fieldsets = (
        (None, {"fields": ("question", "answer", "group", "place", "shown")}),
        (
            _("英文（可不填；不填时看英文页面的人看到中文）"),
            {"fields": ("question_en", "answer_en")},
        ),
        (_("提示与网址"), {"fields": ("signs", "name")}),
    )

    def get_queryset(self, request):
        """Return the questions with their last change, as the history of the admin has it."""
        own = ContentType.objects.get_for_model(CommonQuestion)
        key = Cast(OuterRef("pk"), TextField())
        last = LogEntry.objects.filter(content_type=own, object_id=key).order_by("-action_time")
        when = Subquery(last.values("action_time")[:1])
        who = Subquery(last.annotate(who=F("user__first_name")).values("who")[:1])
        return super().get_queryset(request).annotate(changed_at=when, changed_by=who)

    def get_readonly_fields(self, request, obj=None):
        return ("name",) if obj else ()

    @admin.display(description=_("英文"), boolean=True)
    def has_english(self, obj):
        """Say whether readers of English are shown English."""
        return bool(obj.question_en)

    @admin.display(description=_("最近修改"))
    def last_change(self, obj):
        """Tell who changed it last, and when; nobody has changed one that was shipped."""
        if obj.changed_at is None:
            return _("随系统提供")
        return f"{localtime(obj.changed_at):%Y-%m-%d %H:%M} {obj.changed_by}"
