"""The results as Markdown."""

from results import SOURCE, Results, Series
from workload import Row


def markdown(results: Results) -> str:
    """Two tables: best ratios with the memory of each daemon, and medians with spread."""
    peers = [subject for subject in results.subjects if subject != SOURCE]
    machine = "".join(f"* {name}: {value}\n" for name, value in results.machine.items())
    return (
        f"{machine}\n"
        "## Time against the source, and memory of the daemon\n\n"
        "Best of the interleaved rounds, source = 1; less is better. In brackets the most memory the daemon had resident "
        "during that row, MiB. **Bold**: the best of the row. ✓ and ✗: FolioFS against its target.\n\n"
        f"{best_table(results, peers)}\n"
        "## Median and spread\n\n"
        "The ratio of each round to the source's sample of the same round: median (lowest to highest).\n\n"
        f"{spread_table(results, peers)}"
    )


def line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"


def best_table(results: Results, peers: list[str]) -> str:
    text = line(["work", "source", "target", *peers]) + line(["---"] * (3 + len(peers)))
    for row in results.rows:
        ratios = {peer: ratio.best for peer in peers if (ratio := results.ratio(row, peer))}
        winner = min(ratios, key=ratios.__getitem__) if ratios else None
        cells = [row.title, value(results.best(row, SOURCE), row), f"{row.target:g}" if row.target else ""]
        for peer in peers:
            series = results.series(row, peer)
            if peer not in ratios:
                cells.append(series.failure or "")
                continue
            shown = f"{ratios[peer]:.2f}"
            if peer == winner:
                shown = f"**{shown}**"
            if peer == "foliofs" and row.target:
                shown += " ✓" if ratios[peer] <= row.target else " ✗"
            cells.append(shown + memory(series))
        text += line(cells)
    return text


def spread_table(results: Results, peers: list[str]) -> str:
    text = line(["work", *peers]) + line(["---"] * (1 + len(peers)))
    for row in results.rows:
        cells = [row.title]
        for peer in peers:
            ratio = results.ratio(row, peer)
            cells.append(f"{ratio.median:.2f} ({ratio.low:.2f} to {ratio.high:.2f})" if ratio else "")
        text += line(cells)
    return text


def value(seconds: float | None, row: Row) -> str:
    return "" if seconds is None else f"{seconds:.3g} {row.unit}"


def memory(series: Series) -> str:
    return "" if series.memory is None else f" ({series.memory / (1 << 20):.0f})"
