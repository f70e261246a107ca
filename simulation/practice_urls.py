"""The addresses of the practice page, among those of the officers' desk."""

from django.urls import path

from simulation import practice_pages

app_name = "practice"
urlpatterns = [
    path("", practice_pages.practice_list, name="list"),
    path("<int:pk>/again/", practice_pages.again, name="again"),
    path("<int:pk>/delete/", practice_pages.delete, name="delete"),
]
