"""What citizens do in a real browser: fill the form in, with the mouse or by the keyboard alone, and print."""

import io
import re

import pikepdf

from tests.citizens import typed

CHOSEN = ("mailbox", "category", "id_type")
KEYS = ("ArrowDown", "Space")
PHONE = {"width": 320, "height": 640}
DESKTOP = {"width": 1280, "height": 800}


def fill(page, **changes):
    """Fill the letter's form on one page in."""
    for name, value in typed(key=None, **changes).items():
        if name in CHOSEN:
            page.select_option(f"#id_{name}", value)
        elif name == "kind":
            page.check(f"input[name=kind][value={value}]")
        else:
            page.fill(f"#id_{name}", value)


def fits(page):
    """Tell whether nothing of a page has to be scrolled to sideways."""
    page.wait_for_load_state("load")
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def write(page, site):
    """Send a letter through the form on one page; return (receipt, query code)."""
    page.goto(f"{site}/write/")
    fill(page)
    page.click("main button.big")
    page.wait_for_url("**/write/sent/")
    return page.locator(".figure").all_inner_texts()


def by_keyboard(page, target, *presses, text=""):
    """Bring the focus to something by Tab alone, then press keys and type."""
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement.matches({target!r})"):
            break
    else:
        raise AssertionError(f"the keyboard does not come to {target}")
    for key in presses:
        page.keyboard.press(key)
    if text:  # of nothing, Chromium may not answer for ever
        page.keyboard.insert_text(text)


def write_by_keyboard(page, site):
    """Go from home through all steps to the receipt by the keyboard alone; return (receipt, code)."""
    page.goto(site)
    by_keyboard(page, "a.door.first", "Enter")
    said = typed()
    way = {  # of each step: what the keyboard comes to, and what it does there
        "place": [("#id_place", "南山区")],
        "mailbox": [("[name=mailbox]", "Space")],
        "kind": [("[name=kind]", "ArrowDown")],  # the second one: help
        "content": [("#id_title", said["title"]), ("#id_body", said["body"])],
        "category": [("#id_category", "ArrowDown")],
        "files": [],
        "acting": [("[name=acting]", "Space")],
        "person": [(f"#id_{name}", said[name]) for name in ("name", "phone", "id_number")],
    }
    for name, doings in way.items():
        page.wait_for_url(f"**/steps/{name}/")
        if name == "mailbox":  # and back, with all that was typed
            by_keyboard(page, "[name=back]", "Enter")
            page.wait_for_url("**/steps/place/")
            assert page.input_value("#id_place") == "南山区"
            by_keyboard(page, "#letter button.big", "Enter")
            page.wait_for_url("**/steps/mailbox/")
        for target, what in doings:
            pressed = {"text": what} if target.startswith("#id_") and what not in KEYS else {}
            by_keyboard(page, target, *([] if pressed else [what]), **pressed)
        by_keyboard(page, "#letter button.big", "Enter")
    page.wait_for_url("**/write/check/")
    by_keyboard(page, "#letter button.big", "Enter")
    page.wait_for_url("**/write/sent/")
    return page.locator(".figure").all_inner_texts()


def printed(page):
    """Print a page as its browser does; return [(text, number of strokes)] of the sheets of paper."""
    with pikepdf.open(io.BytesIO(page.pdf(format="A4"))) as paper:
        return [_read(sheet) for sheet in paper.pages]


def _read(sheet):
    fonts = {name: _letters(font) for name, font in sheet.Resources.Font.items()}
    text, strokes, font = [], 0, {}
    for operands, operator in pikepdf.parse_content_stream(sheet):
        if str(operator) == "Tf":
            font = fonts[str(operands[0])]
        elif str(operator) in ("Tj", "TJ"):
            pieces = operands[0] if str(operator) == "TJ" else operands
            codes = b"".join(bytes(one) for one in pieces if isinstance(one, pikepdf.String))
            text += [font.get(codes[at : at + 2], "") for at in range(0, len(codes), 2)]
        strokes += str(operator) in ("re", "l")
    return "".join(text), strokes


def _letters(font):
    """Return {two bytes: letter} of a font, from the table that a PDF keeps for those who copy text."""
    table, found = font.ToUnicode.read_bytes().decode("latin-1"), {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for code, letter in re.findall(r"<(\w{4})> *<(\w+)>", block):
            found[bytes.fromhex(code)] = bytes.fromhex(letter).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, letter in re.findall(r"<(\w{4})> *<(\w{4})> *<(\w{4})>", block):
            for place in range(int(last, 16) - int(first, 16) + 1):
                code = (int(first, 16) + place).to_bytes(2, "big")
                found[code] = chr(int(letter, 16) + place)
    return found
