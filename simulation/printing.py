"""A run's report as text for the terminal."""

ROLES = "input: put in. tuned: fitted to it. predicted: came out by itself, and may miss."


def as_text(report):
    """Return the report in about forty lines."""
    return "\n".join(
        [*_head(report), "", *_throughput(report), "", *_checks(report), "", *_books(report)]
    )


def _head(report):
    lines = [
        f"{report['title']} ({report['scenario']}), seed {report['seed']}",
        (
            f"{report['letters']:,} letters and {report['events']:,} events by {report['workers']} "
            f"worker(s) in {report['wall_seconds']:.1f} s: {report['letters_per_second']:,.0f} letters/s"
        ),
    ]
    notes = list(report["notes"])
    if not report.get("keeps_policy", True):
        notes.append(
            "due times are those of the policy in force, not the scenario's; `whatif` has the latter"
        )
    return lines + [f"Note: {note}" for note in notes]


def _throughput(report):
    flow, rates = report["throughput"], report["rates"]
    return [
        "Throughput of the mailbox, letters a day: "
        + ", ".join(f"{n} {flow[f'{n}_per_day']:.1f}" for n in ("received", "replied", "closed")),
        (
            f"Backlog: mean {flow['backlog_mean']:,.0f}, highest {flow['backlog_max']:,}, "
            f"at the end {flow['backlog_end']:,}"
        ),
        "Rates: " + ", ".join(f"{n} {_percent(rates[n])}" for n in rates),
    ]


def _percent(share):
    return "–" if share is None else f"{100 * share:.1f} %"


def _checks(report):
    rows = report["checks"]
    if not report["full_size"]:
        return ["Published figures are set beside a run at full size only, of an unchanged year."]
    head = (
        f"{'figure':34} {'as of':10} {'published':>10} {'simulated':>10} {'diff':>8}  "
        f"{'95 % by chance':23} {'and by priors':23}"
    )
    return [head, *(_check(row) for row in rows), *_legend(report)]


def _check(row):
    difference = row["simulated"] - row["published"]
    sign = {True: "within", False: "missed", None: ""}[row["ok"]]
    where = "" if row["area"] == "all" else f" {row['area']}"
    return (
        f"{row['measure'] + where:34} {row['as_of']:10} {row['published']:>10,.6g} "
        f"{row['simulated']:>10,.6g} {difference:>+8,.5g}  "
        f"{interval(row['low'], row['high']):23} "
        f"{interval(row['prior_low'], row['prior_high']):23} {row['role']} {sign}"
    )


def replicated(scenario, spread, rows):
    """Return the lines of `replicate`: each published figure beside its two intervals."""
    lines = [
        f"{scenario.title} ({spread['scenario']}), {spread['replications']} replications each",
        "",
        f"{'figure':24} {'published':>10} {'mean':>10}  {'95 % by chance':23} {'and by priors':23} role",
    ]
    for row in rows:
        sign = {True: "within", False: "missed", None: ""}[row["ok"]]
        shown = "–" if row["published"] is None else f"{row['published']:,.6g}"
        lines.append(
            f"{row['key']:24} {shown:>10} {row['mean']:>10,.6g}  "
            f"{interval(row['low'], row['high']):23} "
            f"{interval(row['prior_low'], row['prior_high']):23} {row['role']} {sign}".rstrip()
        )
    return [*lines, "", ROLES]


def interval(low, high):
    """Return an interval as text, or a dash for none."""
    return "–" if low is None else f"{low:,.6g} – {high:,.6g}"


def _legend(report):
    rows, n = report["checks"], report["replications"]
    judged = (
        f"Intervals from {n} replications each; within and missed go by the second one."
        if n
        else "No replications of this scenario: nothing is judged; `manage.py replicate` makes them."
    )
    return [
        ROLES,
        judged,
        *(f"{row['key']}: {row['note']}" for row in rows if row["variant_of"]),
        *_definitions(rows),
    ]


def _definitions(rows):
    """Return what the two measures of incidents count, since the wording changed within the year."""
    notes = {name: [] for name in ("criminal_incidents", "incidents")}
    for row in rows:
        if row["measure"] in notes and row["note"]:
            notes[row["measure"]].append(row["note"])
    return [f"{name}: {min(found, key=len)}" for name, found in notes.items() if found]


def _books(report):
    books, little = report["books"], report["little"]
    parts = [f"{n} {v:,}" for n, v in books.items() if n not in ("received", "balanced")]
    verdict = "balance" if report["balanced"] else "DO NOT BALANCE"
    return [
        f"Books {verdict}: received {books['received']:,} = " + " + ".join(parts),
        (
            f"Little's law: {little['seen']:,.1f} open as seen each hour, {little['own']:,.1f} from the "
            f"letters' own times ({100 * little['difference']:+.2f} %)"
        ),
        (
            f"The span starts with no letters, as the mailbox did; no warm-up is cut off. At its end "
            f"{report['unfinished']['open']:,} letters are open and {report['unfinished']['replied']:,} "
            f"answered but not closed: received, and counted as far as they got."
        ),
        f"Digest {report['digest']}",
    ]
