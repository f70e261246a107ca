"""The addresses of the planner's pages."""

from django.urls import path

from simulation import forecast_pages, pages

app_name = "simulation"
urlpatterns = [
    path("", pages.run_list, name="list"),
    path("new/", pages.new_run, name="new"),
    path("forecast/", forecast_pages.forecast, name="forecast"),
    path("forecast/progress/", forecast_pages.progress, name="forecast-progress"),
    path("<int:pk>/", pages.run_page, name="run"),
    path("<int:pk>/progress/", pages.progress, name="progress"),
    path("<int:pk>/report.json", pages.report_json, name="json"),
    path("<int:pk>/cancel/", pages.cancel, name="cancel"),
    path("<int:pk>/delete/", pages.delete, name="delete"),
]
