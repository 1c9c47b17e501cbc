"""Curves as a drawing of their own, .svg, which pages show as a picture. Used by compare_quality.py."""
import html
import math

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 430, 230, 52, 12, 28, 24  # of one panel
STYLE = "text{font:12px sans-serif;fill:#333}.title{font-weight:bold}.rule{stroke:#ddd}polyline{fill:none;stroke-linejoin:round}"


def ticks(low, high, logarithmic):
    if logarithmic:
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        factors = (1,) if last - first > 2 else (1, 2, 5) if high > 5 * low else (1, 1.5, 2, 3, 4, 5, 6, 7, 8)
        every = max(1, (last - first) // 4)
        return [f * 10.0 ** n for n in range(first, last + 1, every) for f in factors if low <= f * 10.0 ** n <= high]
    step = 10.0 ** math.floor(math.log10((high - low) / 4))
    step *= next(factor for factor in (1, 2, 5, 10) if (high - low) / (factor * step) <= 5)
    return [step * n for n in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def panel(title, lines, logarithmic):
    """`lines` are (colour, width, [(x, y), ...]), the hindmost first."""
    values = [y for _, _, points in lines for _, y in points if y > 0 or not logarithmic]
    low, high = min(values), max(values)
    if not logarithmic:
        low = min(low, 0) if low < high / 2 else low - (high - low) * 0.05
        high += (high - low) * 0.05
    most = max(x for _, _, points in lines for x, _ in points)
    scale = math.log10 if logarithmic else float
    across = lambda x: LEFT + (WIDTH - LEFT - RIGHT) * x / most
    up = lambda y: HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (scale(y) - scale(low)) / (scale(high) - scale(low))
    parts = [f'<text class="title" x="{LEFT}" y="16">{html.escape(title)}</text>']
    for tick in ticks(low, high, logarithmic):
        parts.append(f'<line class="rule" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{up(tick):.1f}" y2="{up(tick):.1f}"/>'
                     f'<text x="{LEFT - 6}" y="{up(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>')
    for tick in ticks(0, most, False):
        parts.append(f'<text x="{across(tick):.1f}" y="{HEIGHT - 8}" text-anchor="middle">{tick:g}</text>')
    for colour, width, points in lines:
        places = " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in points if y > 0 or not logarithmic)
        parts.append(f'<polyline stroke="{colour}" stroke-width="{width}" points="{places}"/>')
    return "\n".join(parts)


def write(path, legend, panels):
    """`legend` is [(colour, name)], `panels` [(title, lines, logarithmic)], two in a row."""
    rows = -(-len(panels) // 2)
    width, height = 2 * WIDTH, rows * HEIGHT + 28
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
             f'<style>{STYLE}</style><rect width="{width}" height="{height}" fill="#fff"/>']
    for i, (colour, name) in enumerate(legend):
        left = 20 + i * (width - 20) // len(legend)
        parts.append(f'<line x1="{left}" x2="{left + 24}" y1="14" y2="14" stroke="{colour}" stroke-width="3"/>'
                     f'<text x="{left + 30}" y="18">{html.escape(name)}</text>')
    for i, content in enumerate(panels):
        parts.append(f'<g transform="translate({i % 2 * WIDTH} {28 + i // 2 * HEIGHT})">{panel(*content)}</g>')
    with open(path, "w") as file:
        file.write("\n".join(parts) + "\n</svg>\n")
