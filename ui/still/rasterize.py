"""SVG on standard input, PNG on standard output; the arguments are files of fonts.

A program of its own: the renderer holds the interpreter for half a second, and in the server every
visitor would wait with it.
"""

import sys

import resvg_py

if __name__ == "__main__":
    png = resvg_py.svg_to_bytes(
        svg_string=sys.stdin.buffer.read().decode(),
        font_files=sys.argv[1:],
        sans_serif_family="Noto Sans CJK SC",
        serif_family="Noto Serif CJK SC",
    )
    sys.stdout.buffer.write(png)
