"""What tests add to the text of a scenario: a burst of letters, an absence of officers."""

BURST = """
[[burst]]
from = 2021-06-01
days = 30
letters = 900
rise_days = 5
fade_from = 15
fade_days = 4
kinds = { complaint = 0.9, help = 0.1 }
category = "noise"
city = "440100"
unit = "440106"
"""
ABSENCE = '\n[[absence]]\ngroup = "desk"\nfrom = 2021-06-01\nuntil = 2021-06-02\nshare = 0.5\n'
