# SPDX-License-Identifier: GPL-2.0-only
"""Draw the ratios of a benchmark with gnuplot."""
import shutil
import subprocess

from lib import cache

SERIES = (
    ("instructions in hv_netvsc", lambda row: row["instructions_per_unit"]["hv_netvsc"]["ratio"]),
    ("instructions of the whole guest", lambda row: row["instructions_per_unit"]["guest"]["ratio"]),
    ("exits per packet", lambda row: row["exits_per_packet"]["all"]["ratio"]),
    ("time", lambda row: row["time"]["ratio"]),
)


def draw(rows, name):
    """Write the chart to @name; say so if gnuplot is not there."""
    if not shutil.which("gnuplot"):
        cache.say("no chart: gnuplot is not installed (./setup bench)")
        return
    shown = [s for s in SERIES if any(s[1](row) is not None for row in rows)]
    if not shown:
        cache.say("no chart: there is nothing to compare")
        return
    data = ""
    for row in rows:
        values = [series(row) for _, series in shown]
        data += '"%s, %d queue%s" %s\n' % (row["case"], row["queues"], "" if row["queues"] == 1 else "s",
                                           " ".join("NaN" if v is None else "%.4f" % v for v in values))
    plots = ", ".join("$figures using %d:xtic(1) title '%s'" % (n + 2, title) for n, (title, _) in enumerate(shown))
    program = """
set terminal svg size 1100,480 font 'sans,13' background 'white'
set output '%s'
$figures << E
%sE
set title 'ours / the distribution''s: below 1 is better'
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.85 border -1
set boxwidth 0.9
set yrange [0:*]
set grid ytics
set key outside bottom center horizontal
set xtics rotate by -25
set arrow from graph 0,first 1 to graph 1,first 1 nohead lw 2 front
plot %s
""" % (name.replace("'", "''"), data, plots)
    subprocess.run(["gnuplot"], input=program, text=True, check=True)
