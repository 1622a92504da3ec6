"""Medians and their spread, as text."""
import statistics


def median(values):
    return statistics.median(values)


def spread(values, pattern="{:.3f}"):
    """median (min to max)"""
    low, high = pattern.format(min(values)), pattern.format(max(values))
    return f"{pattern.format(median(values))} ({low} to {high})"


def ratios(a, b):
    """a/b, round by round."""
    return [x / y for x, y in zip(a, b)]


def table(columns, rows):
    """A Markdown table; the first column left-aligned, the others right-aligned."""
    lines = ["| " + " | ".join(columns) + " |", "|" + "|".join(["---"] + ["---:"] * (len(columns) - 1)) + "|"]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)
