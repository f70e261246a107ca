"""A run's report as text for the terminal."""


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
    return lines + [f"Note: {note}" for note in report["notes"]]


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
        return ["Published figures are set beside a run at full size only."]
    head = f"{'figure':34} {'as of':10} {'published':>10} {'simulated':>10} {'diff':>8}  95 % by chance"
    return [head, *(_check(row) for row in rows), *_legend(rows)]


def _check(row):
    difference = row["simulated"] - row["published"]
    sign = {True: "within", False: "missed", None: ""}[row["ok"]]
    where = "" if row["area"] == "all" else f" {row['area']}"
    return (
        f"{row['measure'] + where:34} {row['as_of']:10} {row['published']:>10,.6g} "
        f"{row['simulated']:>10,.6g} {difference:>+8,.5g}  "
        f"{row['low']:,.6g} – {row['high']:,.6g}  {row['role']} {sign}"
    )


def _legend(rows):
    return [
        "input: put in. tuned: rates were fitted to it. predicted: came out by itself, and may miss.",
        *(f"{row['key']}: {row['note']}" for row in rows if row["variant_of"]),
    ]


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
        f"Digest {report['digest']}",
    ]
