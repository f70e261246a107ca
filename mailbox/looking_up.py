"""Looking a letter up by receipt and query code: guessing is hopeless, and shuts nobody else out.

What is limited is how often one place may try one receipt. A receipt that many places try at
wrongly is not locked, for then whoever knows it could keep its owner out: each further try, also
the owner's, needs a proof of work or a minute's waiting, and the right code opens (decision 5).
"""

from cases import access, receipts, throttle
from cases.refusals import NotFound
from mailbox import proof

QUARTER, DAY = 15 * 60, 86_400
# Look-ups of any letters from one address, behind which a whole office may sit.
PER_ADDRESS = (60, QUARTER)
# Tries of one receipt: from one address, and from its whole network.
PER_PLACE, PER_NETWORK = (5, QUARTER), (20, DAY)
# Wrong tries of one receipt in a day, from wherever, before each needs a proof.
FREE = 20


def find(request, typed):
    """Return the case that receipt and code open, after the same queries whichever is wrong.

    Raises: BadReceipt, TooManyAttempts, proof.Needed, NotFound.
    """
    address = throttle.client_address(request)
    throttle.check("follow address", address, *PER_ADDRESS)
    receipt = receipts.parse(typed["receipt"])
    if wrong_tries(receipt) >= FREE and not proof.given(request.POST):
        raise proof.Needed("")
    places = (
        ("follow place", f"{receipt} {address}", *PER_PLACE),
        ("follow network", f"{receipt} {throttle.network_of(address)}", *PER_NETWORK),
    )
    for place in places:
        throttle.check(*place)
    try:
        case = access.case_for_citizen(receipt, typed["code"])
    except NotFound:
        throttle.note("follow receipt", receipt)
        raise
    for scope, key, *_limit in places:
        throttle.forgive(scope, key)
    return case


def wrong_tries(receipt):
    """Return how often a receipt was tried with a wrong code in the last day, from wherever."""
    return throttle.count("follow receipt", receipt, DAY)
