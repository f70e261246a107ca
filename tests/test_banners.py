"""A banner's picture is seen where thanks are: in the desk's register, and by who sent it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cases.models import Evidence
from cases.transitions import State
from tests.citizens import Sent
from tests.files import PDF, picture
from tests.people import build_officer

pytestmark = pytest.mark.django_db


def test_picture_is_in_the_register_and_on_the_letters_own_page(client, cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    letter = Sent(client, cast).walk(State.CLOSED)
    files = [
        SimpleUploadedFile("锦旗<b>.png", picture()),
        SimpleUploadedFile("感谢信.pdf", PDF),
    ]
    letter.post("thank", form="banner", text="人民卫士", files=files, seen=letter.case.seq)
    shown, paper = Evidence.objects.order_by("pk")
    page = letter.page()
    assert f'src="/follow/case/more/{shown.pk}/"' in page and "锦旗&lt;b&gt;" in page
    assert f'src="/follow/case/more/{paper.pk}/"' not in page and "感谢信.pdf" in page

    address = f"/desk/{letter.receipt}/evidence/{shown.pk}/"
    officer = Client()
    officer.force_login(cast.writer)
    register = officer.get("/desk/thanks/").text
    assert f'src="{address}"' in register and "锦旗&lt;b&gt;" in register
    assert f'src="/desk/{letter.receipt}/evidence/{paper.pk}/"' not in register
    assert "锦旗&" not in officer.post("/desk/thanks/").text  # the file has figures, no words
    answer = officer.get(address)
    assert answer["Content-Type"].startswith("image/") and answer["X-Content-Type-Options"]

    stranger = Client()
    stranger.force_login(build_officer("handle_case", unit="440100"))
    assert address not in stranger.get("/desk/thanks/").text
    assert stranger.get(address).status_code == 404
