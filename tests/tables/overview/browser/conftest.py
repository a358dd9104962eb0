import shutil
from functools import cache

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FEW = ["baseline", "codecat", "codecat-shuffled", "attention-heads2-layers1", "attention-heads16-layers0"]


@pytest.fixture(scope="session")
def page_of(write, odd_names):
    """Return a function that writes a page once: of 56 cells and five seeds, of odd names, or of a single cell."""

    @cache
    def written(kind):
        if kind == "full":
            scenes = {f"scene{number}": (6, 12, 2) for number in range(10)}
            result = write("all", range(5), scenes=scenes, paper=True, protocols=("last", "best_on_test"), drawn=True)
        elif kind == "odd":
            scenes, tags = dict.fromkeys(odd_names, (6, 6, 0)), [*odd_names, "tag"]
            result = write(FEW, (0, 1), scenes=scenes, cities=odd_names, tags=tags, drawn=True)
        else:
            result = write(["codecat"], scenes={"bus": (3, 3, 0)}, drawn=True)
        return result.page

    return written


@pytest.fixture(scope="session")
def chromium():
    sync_api = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("needs chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, page_of):
    """Return a function that opens a page, and fails if the page prints a message or requests another file."""
    contexts, messages, requests = [], [], []

    def open_one(kind, width=1400, **options):
        context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        address = page_of(kind).as_uri()

        def route(handler):
            if handler.request.url == address:
                handler.continue_()
            else:
                requests.append(handler.request.url)
                handler.abort()

        context.route("**/*", route)
        page = context.new_page()
        page.on("console", lambda message: messages.append(message.text))
        page.on("pageerror", lambda error: messages.append(str(error)))
        page.goto(address)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert messages == []
    assert requests == []
