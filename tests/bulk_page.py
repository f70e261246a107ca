"""Many letters at once, as an officer does it on the pages for that."""

from cases.models import Batch, Case


def choose(client, action, cases=(), **typed):
    """Post a choice as the list and the page after it do, and return the answer."""
    fields = {"which": "picked", "action": action, "said": "1", **typed}
    return client.post("/desk/bulk/", {**fields, "case": [c.letter.receipt for c in cases]})


def checked(client, action, cases=(), **typed):
    """Choose, and return the batch that was checked."""
    answer = choose(client, action, cases, **typed)
    assert answer.status_code == 302, answer.content.decode()
    return Batch.objects.get(pk=int(answer.url.split("/")[-2]))


def act(client, batch, action="do"):
    answer = client.post(f"/desk/bulk/{batch.pk}/{action}/")
    batch.refresh_from_db()
    return answer


def outcomes(batch):
    return dict(batch.items.values_list("case", "outcome"))


def states(cases):
    return [Case.objects.get(pk=case.pk).state for case in cases]
