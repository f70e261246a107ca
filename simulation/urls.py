"""The addresses of the planner's pages."""

from django.urls import path

from simulation import forecast_pages, pages, picture_pages, staff_pages, whatif_pages

app_name = "simulation"
urlpatterns = [
    path("", pages.run_list, name="list"),
    path("new/", pages.new_run, name="new"),
    path("forecast/", forecast_pages.forecast, name="forecast"),
    path("forecast/progress/", forecast_pages.progress, name="forecast-progress"),
    path("forecast/days.csv", forecast_pages.days_csv, name="forecast-csv"),
    path("whatif/", whatif_pages.study_list, name="studies"),
    path("whatif/new/", whatif_pages.new_study, name="new-study"),
    path("whatif/<int:pk>/", whatif_pages.study_page, name="study"),
    path("whatif/<int:pk>/cancel/", whatif_pages.cancel_study, name="cancel-study"),
    path("whatif/<int:pk>/resume/", whatif_pages.resume_study, name="resume-study"),
    path("whatif/<int:pk>/delete/", whatif_pages.delete_study, name="delete-study"),
    path("staff/", staff_pages.staff_list, name="staff-list"),
    path("staff/<int:pk>/", staff_pages.staff_page, name="staff"),
    path("compare/", picture_pages.compare, name="compare"),
    path("<int:pk>/", pages.run_page, name="run"),
    path("<int:pk>/<slug:name>.csv", picture_pages.picture_csv, name="csv"),
    path("<int:pk>/progress/", pages.progress, name="progress"),
    path("<int:pk>/report.json", pages.report_json, name="json"),
    path("<int:pk>/again/", pages.run_again, name="again"),
    path("<int:pk>/cancel/", pages.cancel, name="cancel"),
    path("<int:pk>/delete/", pages.delete, name="delete"),
]
