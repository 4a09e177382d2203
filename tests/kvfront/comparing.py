"""The page and its picture side by side in one browser, compared place by place."""

from __future__ import annotations

import base64

from tests.kvfront.stage import Stage
from ui.colour_files import COLOURS
from ui.still.draw import Still

MODES = ("light", "dark")
THEMES = {mode: tuple(COLOURS[mode]["page"][name] for name in ("paper", "ink")) for mode in MODES}

FONTS = """
  for (const weight of [400, 600]) {
    const file = `/assets/fonts/ibm-plex-sans-latin-${weight}-normal.woff2`;
    const face = new FontFace("Plex Sans", `url(${file})`, { weight: String(weight) });
    document.fonts.add(await face.load());
  }
  document.body.style.setProperty("--st-font", '"Plex Sans", sans-serif');
"""
# Of the page, side by side or over one another.
_CANVASES = """
  const root = document.getElementById("place").lastElementChild.shadowRoot;
  const canvases = [...root.querySelector(b).querySelectorAll("canvas")].map((canvas) => {
    const { left, top, right, bottom } = canvas.getBoundingClientRect();
    return { canvas, left, top, right, bottom };
  });
  const [{ left, top }] = canvases;
  const wide = Math.max(...canvases.map((each) => each.right)) - left;
  const tall = Math.round(Math.max(...canvases.map((each) => each.bottom)) - top);
"""
_PIXELS = """
  const image = new Image();
  image.src = `data:image/png;base64,${a}`;
  await image.decode();
  const { width, height } = image;
  const [one, other] = [0, 1].map(() => {
    const canvas = new OffscreenCanvas(width, height);
    return canvas.getContext("2d", { willReadFrequently: true });
  });
  one.fillStyle = document.body.style.getPropertyValue("--st-background-color");
  one.fillRect(0, 0, width, height);
  for (const each of canvases) one.drawImage(each.canvas, each.left - left, each.top - top);
  other.drawImage(image, 0, 0);
  const [page, picture] = [one, other].map((each) => each.getImageData(0, 0, width, height).data);
"""
# The height at which the canvases lie in a picture that is taller: every fifth pixel tells.
_BEST = """
  let best = [Infinity, 0];
  for (let y = 0; y + tall <= height; y++) {
    let sum = 0;
    for (let row = 0; row < tall; row += 5)
      for (let x = 0; x < width; x += 5) {
        const [i, j] = [4 * (row * width + x), 4 * ((row + y) * width + x)];
        for (let c = 0; c < 3; c++) sum += Math.abs(page[i + c] - picture[j + c]);
      }
    if (sum < best[0]) best = [sum, y];
  }
  return best[1];
"""
# Letters are smoothed in their own way on a canvas: of nine pixels, the mean is compared. The share
# of places where it differs by more than an eighth of a colour's range.
_DIFFERENT = """
  let different = 0;
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const far = [0, 1, 2].some((c) => {
        let sum = 0;
        for (let dy = -1; dy < 2; dy++)
          for (let dx = -1; dx < 2; dx++) {
            const i = 4 * ((y + dy) * width + x + dx) + c;
            sum += page[i] - picture[i];
          }
        return Math.abs(sum / 9) > 32;
      });
      if (far) different += 1;
    }
  return different / (width * height);
"""


def different(
    stage: Stage, picture: Still, theme: str, canvases: str, at: tuple[float, float | None] = (0, 0)
) -> float:
    """The share of places in which a part of the picture, from `at` on, is not as the page.

    Without a height it is looked for where it fits best.
    """
    rules = getattr(picture, theme)
    sheet = f"svg{{font:13px 'Plex Sans',sans-serif;background:{THEMES[theme][0]}}}{rules}"

    def shot(x: float, y: float, wide: float, tall: float) -> str:
        frame = f'width="{wide}" height="{tall}" viewBox="{x} {y} {wide} {tall}"'
        stage.run(
            "const box = document.createElement('div'); box.id = 'picture';"
            "box.style.cssText = 'position:absolute;top:0;left:0;z-index:9;line-height:0';"
            "box.attachShadow({ mode: 'open' }).innerHTML = a; document.body.append(box)",
            f"<style>{sheet}</style><svg {frame}>{picture.markup}</svg>",
        )
        taken = stage.page.locator("#picture").screenshot()
        stage.run("document.getElementById('picture').remove()")
        return base64.b64encode(taken).decode()

    left, top = at
    wide, tall = stage.run(f"{_CANVASES} return [wide, tall]", None, canvases)
    if top is None:
        whole = shot(left, 0, wide, picture.height)
        top = stage.run(_CANVASES + _PIXELS + _BEST, whole, canvases)
    part = shot(left, top, wide, tall)
    return float(stage.run(_CANVASES + _PIXELS + _DIFFERENT, part, canvases))
