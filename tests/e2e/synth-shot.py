#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Compare what the host saw on the screen with what was drawn, by synth.py or, with the number of moves, by synth-move.py.

synth-shot.py SUITE SHOTS [MOVES]
"""
import sys

# What was drawn, one over the other: left, top, right, bottom, seed
DRAWN = {"800x600": [(0, 0, 800, 600, 1)], "part": [(0, 0, 800, 600, 1), (123, 45, 456, 321, 99)],
         "1024x768": [(0, 0, 1024, 768, 7)]}


def moved(moves):
    """What synth-move.py drew: after each move it is as before, then a part is drawn again."""
    drawn = {}
    last = [(0, 0, 800, 600, 1)]
    for number in range(moves):
        drawn["moved%d" % number] = last
        last = drawn["drawn%d" % number] = [(0, 0, 800, 600, 1), (123, 45, 456, 321, 99 + number)]
    return drawn


def pixel(x, y, drawn):
    """Red, green, blue."""
    for left, top, right, bottom, seed in reversed(drawn):
        if left <= x < right and top <= y < bottom:
            return (x + seed & 255, y * 3 + seed & 255, x + y & 255)
    return (0, 0, 0)


def compare(name, drawn):
    """Every pixel of one picture; return what is wrong."""
    _, _, width, height, _ = drawn[0]
    with open("%s-%s.ppm" % (sys.argv[2], name), "rb") as file:
        data = file.read()
    head = b"P6\n%d %d\n255\n" % (width, height)
    if not data.startswith(head) or len(data) != len(head) + 3 * width * height:
        return "not %dx%d: %r, %d bytes" % (width, height, data[:20], len(data))
    for y in range(height):
        row = data[len(head) + 3 * width * y:][:3 * width]
        wanted = b"".join(bytes(pixel(x, y, drawn)) for x in range(width))
        if row != wanted:
            x = next(n for n in range(len(row)) if row[n] != wanted[n]) // 3
            return "at %d,%d: %s instead of %s" % (x, y, tuple(row[3 * x:3 * x + 3]), pixel(x, y, drawn))
    return None


def main():
    """All pictures."""
    for name, drawn in (moved(int(sys.argv[3])) if sys.argv[3:] else DRAWN).items():
        try:
            wrong = compare(name, drawn)
        except OSError as error:
            wrong = str(error)
        print("%s %s: the host sees %s%s" % ("FAIL" if wrong else "PASS", sys.argv[1], name, ": " + wrong if wrong else ""))


main()
