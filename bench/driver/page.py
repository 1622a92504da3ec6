"""Puts measured tables into the pages that have marks for them."""
from place import ROOT, fail, note

PAGES = [ROOT / "docs" / "performance.md", ROOT / "bench" / "results" / "measured.md"]


def put(name, text):
    """Replaces the text between the marks of `name`."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    for page in PAGES:
        old = page.read_text()
        if begin not in old:
            continue
        if old.count(begin) != 1 or old.count(end) != 1:
            fail(f"{page} should have the marks {begin} and {end} once each")
        head, rest = old.split(begin)
        _, tail = rest.split(end)
        page.write_text(f"{head}{begin}\n{text.strip(chr(10))}\n{end}{tail}")
        note(f"wrote the section {name} of {page}")
        return
    fail(f"no page has the marks {begin} and {end}")


def show(name, text, write):
    """Prints a section, and with `write` puts it into its page."""
    print(text)
    if write:
        put(name, text)
