/**
 * Every colour that has a meaning on more than one figure, and the one place to change it. What
 * cannot read this file is brought in step by `make colours`: ui/colour_files.py names it all.
 *
 * `fill` says what a thing is, in both themes alike; Okabe-Ito hues. `text` is the same hue moved in
 * lightness until it reaches 4.5 : 1 on the page; `full` the far end of a ramp, in the dark the
 * bright one, and `below` that of values under 0; `shares` how far from paper to ink a line lies.
 * `cell` is the ink on a cell. `page` has the site's own.
 *
 * Behind the equals sign stands JSON, because Python reads it too.
 */
export const COLORS = {
  "fill": {
    "q": "#E69F00", "k": "#0072B2", "v": "#009E73", "redo": "#D55E00", "attention": "#CC79A7"
  },
  "cell": { "dark": "#111418", "light": "#FFFFFF" },
  "light": {
    "page": {
      "paper": "#FDFDFB", "ink": "#1F2329", "panel": "#F3F3EF", "border": "#D6D7D2",
      "control": "#3F4B5C", "link": "#33445A", "gray": "#6B7280",
      "note": "#8A8A7A", "alarm": "#FBEEE4"
    },
    "text": {
      "q": "#875A00", "k": "#00639B", "v": "#00704F", "redo": "#B04A00", "attention": "#93396E",
      "gray": "#5B6470", "note": "#3A3A33"
    },
    "full": {
      "q": "#D08700", "k": "#0069A6", "v": "#008F68", "redo": "#D55E00", "attention": "#8A2F66",
      "below": "#474C55"
    },
    "shares": { "muted": 0.7, "faint": 0.35, "grid": 0.12, "masked": 0.3 }
  },
  "dark": {
    "page": {
      "paper": "#15171A", "ink": "#E8E9E6", "panel": "#22252A", "border": "#3A3F46",
      "control": "#A9B6C8", "link": "#C3CEDD", "gray": "#9AA3AD",
      "note": "#A3A394", "alarm": "#35231A"
    },
    "text": {
      "q": "#F0AE1E", "k": "#5DB4EE", "v": "#2FC296", "redo": "#FF8A3D", "attention": "#E59AC6",
      "gray": "#A6AEB8", "note": "#E8E9E6"
    },
    "full": {
      "q": "#FFB933", "k": "#45AEF5", "v": "#22CC9A", "redo": "#FF8A3D", "attention": "#F2A9D2",
      "below": "#C6CBD4"
    },
    "shares": { "muted": 0.68, "faint": 0.35, "grid": 0.16, "masked": 0.34 }
  }
};
