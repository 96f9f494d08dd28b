"""The results as a picture: for each row a dot for each subject on a logarithmic axis."""

import math
from html import escape

from results import SOURCE, Results

COLOURS = ["#d62728", "#1f77b4", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b", "#17becf"]
LEFT, WIDTH, STEP, TOP = 345, 660, 24, 64


def svg(results: Results) -> str:
    peers = [subject for subject in results.subjects if subject != SOURCE]
    found = {(row.key, peer): ratio.best for row in results.rows for peer in peers if (ratio := results.ratio(row, peer))}
    low = min([0.8, *found.values()]) / 1.1
    high = max([2.0, *found.values()]) * 1.1

    def across(ratio: float) -> float:
        return LEFT + WIDTH * math.log(ratio / low) / math.log(high / low)

    height = TOP + STEP * len(results.rows) + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 30} {height}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        '<text x="12" y="20" font-size="15">Time against the source filesystem (1 = as fast; left is better; a bar: the most that is aimed at)</text>',
    ]
    parts += [legend(index, peer) for index, peer in enumerate(peers)]
    for tick in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500):
        if low <= tick <= high:
            x = across(tick)
            parts.append(f'<line x1="{x:.1f}" y1="{TOP - 8}" x2="{x:.1f}" y2="{height - 20}" stroke="{"#888" if tick == 1 else "#ddd"}"/>')
            parts.append(f'<text x="{x:.1f}" y="{height - 6}" text-anchor="middle" fill="#666">{tick:g}</text>')
    for number, row in enumerate(results.rows):
        y = TOP + STEP * number + STEP / 2
        parts.append(f'<text x="{LEFT - 10}" y="{y + 4:.1f}" text-anchor="end">{escape(row.title)}</text>')
        parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{LEFT + WIDTH}" y2="{y:.1f}" stroke="#f0f0f0"/>')
        if row.target:
            x = across(row.target)
            parts.append(f'<line x1="{x:.1f}" y1="{y - 9:.1f}" x2="{x:.1f}" y2="{y + 9:.1f}" stroke="#444" stroke-width="2"/>')
        for index, peer in reversed(list(enumerate(peers))):
            if (row.key, peer) in found:
                ratio = found[row.key, peer]
                parts.append(
                    f'<circle cx="{across(ratio):.1f}" cy="{y:.1f}" r="{6 if index == 0 else 4.5}" fill="{COLOURS[index]}" '
                    f'fill-opacity="0.85"><title>{escape(peer)}: {ratio:.2f}</title></circle>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def legend(index: int, peer: str) -> str:
    x = 16 + index * 150
    return f'<circle cx="{x}" cy="38" r="5" fill="{COLOURS[index]}"/><text x="{x + 10}" y="42">{escape(peer)}</text>'
