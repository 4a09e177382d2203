// @ts-check
/*
 * Streamlit fetches its icon font, 370 KB, as soon as it starts, whether an icon is ever drawn or not.
 * The browser does that by itself once one is. This runs before Streamlit does.
 */
{
  const load = document.fonts.load.bind(document.fonts)
  document.fonts.load = (font, text) =>
    font.includes("Material Symbols") ? Promise.resolve([]) : load(font, text)
}

/* The theme arrives after the first words. What it writes in is here before it. */
addEventListener("DOMContentLoaded", () => {
  for (const font of ["1em", "italic 1em", "600 1em"]) document.fonts.load(`${font} "Plex Sans"`)
  document.fonts.load('600 1em "Plex Serif"')
})
