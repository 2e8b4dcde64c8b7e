# SPDX-License-Identifier: GPL-2.0-only
"""Draw the ratios of a benchmark with gnuplot."""
import shutil
import subprocess

from lib import cache

CEILING = 2.0           # what is far worse is cut off here, with its figure on top
GAP = 1                 # between groups of bars, in bars


def series(driver):
    """Return (title, colour, function of a row: ratio, least, most) of each kind of bar."""
    def plain(figures):
        return (figures["ratio"],) * 3

    def pairs(row):
        ratios = row["time"]["ratios"]
        return (row["time"]["ratio"], min(ratios), max(ratios)) if ratios else (None,) * 3
    return (("instructions in %s and hv_vmbus" % driver, "#1f6fb4", lambda row: plain(row["instructions"]["modules"])),
            ("instructions of the whole guest", "#8fbbd9", lambda row: plain(row["instructions"]["guest"])),
            ("exits", "#e6862a", lambda row: plain(row["exits"]["all"]) if "all" in row["exits"] else (None,) * 3),
            ("exits of its own channels", "#f3c795", lambda row: plain(row["own_exits"])),
            ("time (median of the pairs, least and most)", "#7a7a7a", pairs))


def draw(rows, driver, name):
    """Write the chart to @name; say so if gnuplot is not there."""
    if not shutil.which("gnuplot"):
        cache.say("no chart: gnuplot is not installed (./setup bench)")
        return
    shown = [s for s in series(driver) if any(s[2](row)[0] is not None for row in rows)]
    if not shown:
        cache.say("no chart: there is nothing to compare")
        return
    data, top, labels = "", 1.1, ""
    for place, row in enumerate(rows):
        figures = [value for _, _, of in shown for value in of(row)]
        for bar, value in enumerate(figures[::3]):
            if value is not None and value > CEILING:
                labels += "set label '%.1f' at %.3f,%.2f center offset 0,0.6 font ',10'\n" % (
                    value, place + (bar - (len(shown) - 1) / 2) / (len(shown) + GAP), CEILING)
        top = min(CEILING, max([top] + [f * 1.05 for f in figures if f is not None]))
        data += '"%s, %d CPU%s" %s\n' % (row["text"], row["cpus"], "" if row["cpus"] == 1 else "s",
                                         " ".join("NaN" if f is None else "%.4f" % min(f, CEILING) for f in figures))
    plots = ", ".join("$figures using %d:%d:%d:xtic(1) title '%s' lc rgb '%s'" % (3 * n + 2, 3 * n + 3, 3 * n + 4, title, colour)
                      for n, (title, colour, _) in enumerate(shown))
    program = """
set terminal svg noenhanced size %d,620 font 'sans,13' background 'white'
set output '%s'
$figures << E
%sE
set title 'ours / the distribution''s: below 1 is better'
set style data histogram
set style histogram errorbars gap %d lw 1
set errorbars small front lc rgb 'black'
set style fill solid 1 noborder
set boxwidth 0.9
set yrange [0:%.2f]
set ytics 0.25 nomirror
set grid ytics lc rgb '#dddddd'
set border 3
set key outside top center horizontal
set xtics nomirror rotate by -35 left
set bmargin 9
set rmargin 17
set arrow from graph 0,first 1 to graph 1,first 1 nohead lw 2 lc rgb 'black' front
%splot %s
""" % (max(900, 190 + 75 * len(rows)), name.replace("'", "''"), data, GAP, top, labels, plots)
    subprocess.run(["gnuplot"], input=program, text=True, check=True)
