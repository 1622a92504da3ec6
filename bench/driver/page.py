"""Puts measured tables into docs/performance.md."""
from place import ROOT, fail, note

PAGE = ROOT / "docs" / "performance.md"


def put(name, text):
    """Replaces what stands between the marks of `name`."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    page = PAGE.read_text()
    if page.count(begin) != 1 or page.count(end) != 1:
        fail(f"{PAGE} should have the marks {begin} and {end} once each")
    head, rest = page.split(begin)
    _, tail = rest.split(end)
    PAGE.write_text(f"{head}{begin}\n{text.strip(chr(10))}\n{end}{tail}")
    note(f"wrote the section {name} of {PAGE}")


def show(name, text, write):
    """Prints a section, and puts it into the page where that is asked for."""
    print(text)
    if write:
        put(name, text)
