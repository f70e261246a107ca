"""Small drawings made by the server: no script, and on paper as on the screen."""

WIDTH, HEIGHT = 320, 180
_LEFT, _RIGHT, _TOP, _BOTTOM = 8, 8, 26, 28


def line(points, limit, text):
    """Return the places of a curve's points and of its limit, for curve.html.

    points: (x, y) in any order. text: makes the words of a y.
    """
    points = sorted(points)
    across, up = [x for x, _y in points] or [0], [limit, *(y for _x, y in points)]

    def right(x):
        share = (x - min(across)) / ((max(across) - min(across)) or 1)
        return round(_LEFT + share * (WIDTH - _LEFT - _RIGHT), 1)

    def down(y):
        share = (y - min(up)) / ((max(up) - min(up)) or 1)
        return round(HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM), 1)

    dots = [(right(x), down(y), f"{x:,}", text(y)) for x, y in points]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "foot": HEIGHT - 6,
        "dots": dots,
        "path": " ".join(f"{x},{y}" for x, y, *_words in dots),
        "limit": down(limit),
        "limit_text": text(limit),
        "first": f"{min(across):,}",
        "last": f"{max(across):,}",
    }
