"""Published answers like the letter are offered while it is written, and are never in its way."""

import pytest

from tests.test_publishing import TEXT, letter, publish  # noqa: F401
from tests.test_writing import Walker, at

pytestmark = pytest.mark.django_db
ALIKE = {
    "title": "红绿灯坏了怎么反映",
    "body": "我家小区附近路口的信号灯损坏好几天了，请问应当向哪里反映？",
}
OTHER = {"title": "办理护照要带什么", "body": "请问第一次办护照需要带哪些材料，多久能拿到？"}


@pytest.mark.parametrize(
    ("changes", "offered"),
    [(ALIKE, True), ({**ALIKE, "kind": "report"}, False), (OTHER, False), ({"body": ""}, False)],
)
def test_answer_to_a_like_question_is_offered(letter, client, changes, offered):  # noqa: F811
    address = publish(letter)
    walker = Walker(client, **changes)
    for name in ("kind", "content"):
        walker.post(name)
    page = client.get(at("category")).text
    assert (f'href="{address}"' in page) == (TEXT["title"] in page) == offered
    if offered:  # read it, come back, go on
        assert client.get(address).status_code == 200
        assert walker.post("category").url == at("files")


def test_nothing_published_offers_nothing(client):
    Walker(client, **ALIKE).to_check()
    assert "公开的答复</h2>" not in client.get(at("category")).text
