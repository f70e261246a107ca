"""The addresses of the officers' own pages."""

from django.urls import path

from cases.desk import (
    case_page,
    clerk,
    counts,
    drafts,
    duty_pages,
    handover,
    identity_pages,
    leading,
    mention_pages,
    overview,
    search,
    steps,
    triage,
    views,
    world_pages,
)

app_name = "desk"
urlpatterns = [
    path("", triage.letter_list, name="list"),
    path("next/", triage.next_letter, name="next"),
    path("counts/", counts.counts, name="counts"),
    path("views/", views.views, name="views"),
    path("views/<int:pk>/<slug:action>/", views.change, name="view"),
    path("enter/", clerk.enter_letter, name="enter"),
    path("duty/", duty_pages.roster, name="duty"),
    path("duty/sound/", duty_pages.sound, name="duty-sound"),
    path("overview/", overview.overview, name="overview"),
    path("figures/", overview.moved),
    path("hand-over/", handover.hand_over, name="hand-over"),
    path("search/", search.search, name="search"),
    path("search/writer/", search.search_writer, name="search-writer"),
    path("search/prepare/", search.prepare, name="search-prepare"),
    path("leading/", leading.leaders_page, name="leading"),
    path("audit/", identity_pages.audit, name="audit"),
    path("world/enter/", world_pages.enter, name="world-enter"),
    path("world/leave/", world_pages.leave, name="world-leave"),
    path("mentions/", mention_pages.mention_list, name="mentions"),
    path("mentions/read/", mention_pages.mark_read, name="mentions-read"),
    path("world/forward/", world_pages.forward, name="world-forward"),
    path("<str:receipt>/", case_page.case_page, name="case"),
    path("<str:receipt>/identity/", identity_pages.reveal, name="reveal"),
    path("<str:receipt>/attachment/<int:number>/", case_page.download, name="attachment"),
    path("<str:receipt>/draft/<str:action>/", drafts.draft, name="draft"),
    path("<str:receipt>/<str:action>/", steps.act, name="act"),
]
