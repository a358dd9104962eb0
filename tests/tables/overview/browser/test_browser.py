"""What a reader's browser makes of the page: nothing is loaded, nothing is cut, everything works by keyboard."""

import re

import pytest

pytestmark = pytest.mark.slow

WIDTHS = (1400, 390)
KINDS = ("full", "odd", "alone")


def table_texts(page):
    """Return the texts of all tables, row by row."""
    return page.locator("table").evaluate_all(
        "tables => tables.map(table => [...table.rows].map(row => [...row.cells].map(cell => cell.textContent.trim())))"
    )


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_wider_than_the_screen_except_within_its_own_container(open_page, kind, width):
    page = open_page(kind, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = page.evaluate("[...document.querySelectorAll('.scroll')].map(e => e.getBoundingClientRect().toJSON())")
    assert len(boxes) > 20
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
    wide = page.evaluate(
        """width => [...document.querySelectorAll('body *')].filter(
             e => e.getBoundingClientRect().right > width && !e.closest('.scroll') && !e.closest('.skip')
           ).map(e => e.outerHTML.slice(0, 100))""",
        width,
    )
    assert wide == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_figure_is_visible(open_page, kind, width):
    page = open_page(kind, width)
    figures = page.locator("svg").all()
    assert len(figures) == 16
    for figure in figures:
        box = figure.bounding_box()
        assert box["width"] > 150
        assert box["height"] > 20
        reach = figure.evaluate("e => e.getBoundingClientRect().width <= e.parentElement.clientWidth")
        scrolls = figure.evaluate("e => getComputedStyle(e.parentElement).overflowX === 'auto'")
        assert reach or scrolls
    if width == 1400:
        assert all(
            figure.evaluate("e => e.parentElement.scrollWidth <= e.parentElement.clientWidth") for figure in figures
        )


def test_no_element_has_the_name_of_another(open_page):
    page = open_page("full")
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))
    uses = page.evaluate("[...document.querySelectorAll('use')].map(e => e.getAttribute('xlink:href').slice(1))")
    assert uses
    assert set(uses) <= set(ids)


def column(page, table, title):
    """Return the entries of a column, as the numbers that they begin with; None for a dash."""
    place = page.locator(f"#{table} thead tr:last-child th").all_inner_texts().index(title)
    texts = page.locator(f"#{table} tbody tr").evaluate_all(
        "(rows, place) => rows.map(row => row.cells[place].textContent.trim())", place
    )
    return [None if text == "–" else float(re.match(r"[-+]?[\d.,]+", text)[0].replace(",", "")) for text in texts]


def header(page, table, title):
    return page.locator(f"#{table} thead tr:last-child th").filter(
        has=page.get_by_role("button", name=title, exact=True)
    )


def test_a_click_sorts_numbers_and_another_click_reverses_them(open_page):
    page = open_page("full")
    before = column(page, "systems", "Difference")
    numbers = sorted(number for number in before if number is not None)
    assert before.count(None) == 1  # the baseline has no difference from itself
    assert numbers[0] < 0 < numbers[-1]  # as texts, -1 and +1 have another order
    difference = header(page, "systems", "Difference")
    assert difference.get_attribute("aria-sort") is None
    difference.get_by_role("button").click()
    assert column(page, "systems", "Difference") == [*reversed(numbers), None]
    assert difference.get_attribute("aria-sort") == "descending"
    difference.get_by_role("button").click()
    assert column(page, "systems", "Difference") == [*numbers, None]
    assert difference.get_attribute("aria-sort") == "ascending"
    header(page, "systems", "Accuracy").get_by_role("button").click()
    assert difference.get_attribute("aria-sort") is None
    assert column(page, "systems", "Accuracy") == sorted(column(page, "systems", "Accuracy"), reverse=True)


def test_rows_that_are_equal_keep_their_order(open_page):
    page = open_page("full")
    names = page.locator("#systems tbody th").all_inner_texts()
    values = dict(zip(names, column(page, "systems", "Adjusted p"), strict=True))
    assert len(set(values.values())) < len(values) - 10
    header(page, "systems", "Adjusted p").get_by_role("button").click()
    expected = sorted(names, key=lambda name: (values[name] is None, -(values[name] or 0)))
    assert page.locator("#systems tbody th").all_inner_texts() == expected


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_key_sorts_names_with_their_numbers(open_page, key):
    page = open_page("full")
    name = header(page, "systems", "Cell or control")
    name.get_by_role("button").focus()
    page.keyboard.press(key)
    assert name.get_attribute("aria-sort") == "ascending"
    names = page.locator("#systems tbody th").all_inner_texts()
    assert names.index("attention-heads8-layers3") < names.index("attention-heads16-layers0")
    assert names[0] == "attention-heads2-layers0"
    assert page.evaluate("document.activeElement.textContent") == "Cell or control"


def test_parameters_sort_as_numbers_although_some_are_in_thousands(open_page):
    page = open_page("full")
    header(page, "table6", "Parameters").get_by_role("button").click()
    systems = page.locator("#table6 tbody th").all_inner_texts()
    assert systems[:3] == ["Huang et al. [2]", "Ours", "Jung et al. [22]"]  # 53452k, 676k, 636k
    assert systems[-1] == "Zheng et al. [8]"  # not reported


def test_the_tab_key_reaches_all_tables_and_figures(open_page):
    page = open_page("odd", 390)
    wanted = page.locator(".scroll:not(details *)").evaluate_all(
        "all => all.map((element, number) => (element.dataset.n = String(number)))"
    )
    reached, buttons = [], 0
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.locator(".skip").bounding_box()["x"] >= 0
    for _ in range(400):
        page.keyboard.press("Tab")
        focused = page.evaluate("[document.activeElement.dataset.n ?? null, document.activeElement.tagName]")
        if focused[1] == "BODY":
            break
        reached += [focused[0]] if focused[0] is not None else []
        buttons += focused[1] == "BUTTON"
    assert reached == wanted
    assert buttons == page.locator("table:not(details *) thead button").count()


def test_the_skip_link_leads_past_the_contents(open_page):
    page = open_page("alone")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_a_narrow_screen_scrolls_tables_by_keyboard(open_page):
    page = open_page("full", 390)
    container = page.locator(".scroll", has=page.locator("#systems"))
    container.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('#systems').parentElement.scrollLeft > 0", timeout=5000)


def test_on_a_narrow_screen_the_name_of_a_row_stays_and_leaves_space(open_page):
    page = open_page("odd", 390)
    for table in ("systems", "gained_clips"):
        container = page.locator(".scroll", has=page.locator(f"#{table}"))
        container.evaluate("e => e.scrollLeft = 10000")
        name, frame = page.locator(f"#{table} tbody th").first.bounding_box(), container.bounding_box()
        assert name["x"] == pytest.approx(frame["x"], abs=1)
        assert name["width"] < 0.6 * frame["width"]


@pytest.mark.parametrize(("kind", "scheme"), [("full", "light"), ("full", "dark"), ("odd", "light"), ("alone", "dark")])
def test_axe_finds_nothing_serious(open_page, kind, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = open_page(kind, color_scheme=scheme, bypass_csp=True)  # axe is a script of its own
    page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
    header(page, "table6", "Accuracy").get_by_role("button").click()
    found = axe.run(page).response["violations"]
    serious = [(it["id"], it["nodes"][0]["html"][:200]) for it in found if it["impact"] in ("serious", "critical")]
    assert serious == []


def brightness(page, selector, name):
    channels = page.locator(selector).first.evaluate("(e, name) => getComputedStyle(e)[name]", name)
    return sum(map(int, re.findall(r"\d+", channels)[:3])) / 3


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_page_and_figures_follow_the_colour_scheme(open_page, scheme, dark):
    page = open_page("full", color_scheme=scheme)
    assert (brightness(page, "body", "backgroundColor") < 60) is dark
    assert (brightness(page, "body", "color") > 200) is dark
    # The first shape of a figure is its background.
    assert (brightness(page, "#figure-differences svg path", "fill") < 60) is dark


def test_paper_is_light_and_has_all_details_and_no_contents(open_page):
    page = open_page("full", 680, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert brightness(page, "body", "backgroundColor") == 255
    assert not page.locator("nav").is_visible()
    inner = "details > :not(summary)"
    assert page.locator(inner).count() > 15
    assert all(part.is_visible() for part in page.locator(inner).all())
    assert page.evaluate("document.documentElement.scrollWidth") <= 680
    assert page.locator(".scroll").evaluate_all("all => all.every(e => e.scrollWidth <= e.clientWidth)")


def test_the_page_can_be_saved_as_pdf(open_page):
    pdf = open_page("full").pdf(format="A4")
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) > 10


@pytest.mark.parametrize("kind", KINDS)
def test_without_scripts_the_tables_are_the_same(open_page, kind):
    plain = open_page(kind, java_script_enabled=False)
    assert plain.locator("thead button").count() == 0
    with_script = open_page(kind)
    assert with_script.locator("thead button").count() > 20
    assert table_texts(plain) == table_texts(with_script)


def test_the_page_of_the_largest_experiment_is_small(page_of):
    assert page_of("full").stat().st_size < 5e6
