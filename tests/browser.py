"""The real browser of the browser tests: found, or installed where that is allowed."""

import os
import shutil
import subprocess
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path

from django.conf import settings
from playwright.sync_api import expect, sync_playwright

from tests.processes import found_or_skipped

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Replaces Playwright's own list, whose names that matter here are repeated. The first two would let
# every window have two hidden pages more, for the line of its address: half of what a window costs.
_OFF = (
    "WebUIOmniboxPopup WebUIOmniboxAimPopup AvoidUnnecessaryBeforeUnloadCheckSync"
    " DestroyProfileOnBrowserClose HttpsUpgrades MediaRouter PaintHolding ThirdPartyStoragePartitioning"
    " AvoidCorsURLLoaderRestartOnRedirect OptimizationHints NetworkTimeServiceQuerying"
    " PreconnectToSearch"
)
FLAGS = (
    f"--disable-features={_OFF.replace(' ', ',')}",
    "--no-sandbox",  # as root, Chromium starts in no other way; it sees only our own pages
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PATIENCE_MS = 60_000  # for what does not come: a busy machine may be slow
MISSING = "BROWSER TESTS SKIPPED: no Chromium here. Install one, or name it in CHROMIUM."
INSTALL = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"]


def executable():
    """Return the path of a Chromium; without one the test is skipped, or fails where CI is set."""
    return found_or_skipped(_find() or _install(), MISSING)


@contextmanager
def launched():
    """Run the block with a Browser of Playwright's, which downloads none of its own."""
    path = executable()
    # Playwright's loop runs in the thread of the tests, where Django would refuse its database.
    expect.set_options(timeout=PATIENCE_MS)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
            browser.on("context", _be_patient)
            yield browser
            browser.close()
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@contextmanager
def listened(browser, expected=(), session=None, **options):
    """A page that fails the test for anything said in the console.

    expected: how lines begin that may be said. session: (address of the site, session key) of who
    has signed in. options: of the browser's context.
    """
    context = browser.new_context(**options)
    if session:
        url, key = session
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": key, "url": url}
        context.add_cookies([cookie])
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    try:
        yield page
    finally:
        context.close()
    assert [line for line in said if not line.startswith(expected)] == []


def _be_patient(context):
    context.set_default_timeout(PATIENCE_MS)
    context.on("page", _end_with_whole_pages)


def _end_with_whole_pages(page):
    """Let what acts or waits end only once the page is loaded, its style and scripts too.

    Playwright lets go at the first byte of a new page; what reads it next would be by chance too early.
    """
    for name in ("click", "press", "wait_for_selector"):
        setattr(page, name, partial(_then_loaded, page, getattr(page, name)))


def _then_loaded(page, act, *given, **options):
    came = act(*given, **options)
    page.wait_for_load_state("load")
    return came


_UNFOLDED = """async (more) => {
  const folded = [...document.querySelectorAll("details:not([open])")];
  for (const box of folded) box.open = true;
  const {violations} = await axe.run({resultTypes: ["violations"], rules: more});
  for (const box of folded) box.open = false;
  return violations;
}"""


def violations(page, rules=()):
    """Return what axe-core finds wrong with a page, a line each: rule, what to do, and where.

    What is folded away is unfolded for it, since axe judges only what can be seen.
    rules: of those that axe leaves out by itself.
    """
    page.wait_for_load_state("load")
    page.evaluate(_axe())
    found = page.evaluate(_UNFOLDED, {rule: {"enabled": True} for rule in rules})
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: {node['target'][0]}: {node['html'][:200]}"
        for one in found
        for node in one["nodes"]
    ]


@cache
def _axe():
    """The text of axe-core, given to the page by the debugger: no policy of ours is loosened."""
    return (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")


def _find():
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def _install():
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    for command in (["apt-get", "update", "-q"], INSTALL):
        if subprocess.run(command, capture_output=True).returncode:
            return None
    return _find()
