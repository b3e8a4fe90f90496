"""What all tests share: how hypothesis runs, the seed of a sweep, a browser page."""

import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, sync_playwright

from tests.ledger_places import closed, database, folder_of_server, place, server  # noqa: F401 - fixtures for all

SEED = "DETENTE_SEED"
PROFILE = "DETENTE_HYPOTHESIS"

# The same examples on every run: a failure is never a matter of luck.
settings.register_profile(
    "fixed",
    max_examples=200,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
# New examples, drawn from the seed of the run.
settings.register_profile(
    "fresh",
    max_examples=500,
    derandomize=False,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get(PROFILE) or "fixed")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose the seed before any worker starts, so that all workers share it."""
    seed = os.environ.setdefault(SEED, str(secrets.randbelow(2**31)))
    if os.environ.get(PROFILE) == "fresh" and config.getoption("--hypothesis-seed") is None:
        config.option.hypothesis_seed = seed


def pytest_report_header() -> str:
    return f"detente: sweeps use {SEED}={os.environ[SEED]}; hypothesis profile {os.environ.get(PROFILE) or 'fixed'}"


@pytest.fixture(scope="session")
def fresh_seed() -> int:
    """Give the seed of this run; setting DETENTE_SEED repeats it."""
    return int(os.environ[SEED])


# Chromium runs as root in CI, and must not call out on its own.
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start one browser for the tests of a module."""
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("these tests need the program `chromium`; on Debian: apt-get install chromium fonts-nanum")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@dataclass
class Watch:
    """What a page did that no page of detente may do."""

    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def route(self, route: Route) -> None:
        """Let nothing through but files and this machine."""
        url = urlsplit(route.request.url)
        if url.scheme in {"about", "blob", "data", "file"} or url.hostname in {"127.0.0.1", "localhost"}:
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def console(self, message: ConsoleMessage) -> None:
        """Keep what the page complains about."""
        if message.type == "error":
            self.errors.append(message.text)


@pytest.fixture
def browser_page(chromium: Browser) -> Iterator[Page]:
    """Open a page, and fail the test if it asked another host for anything or logged an error."""
    watch = Watch()
    context = chromium.new_context(locale="en-GB", timezone_id="UTC")
    context.route("**/*", watch.route)
    page = context.new_page()
    page.on("console", watch.console)
    page.on("pageerror", lambda error: watch.errors.append(str(error)))
    yield page
    context.close()
    assert watch.outside == [], "the page asked other hosts"
    assert watch.errors == [], "the page logged errors"
